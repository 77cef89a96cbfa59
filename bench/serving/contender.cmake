# SPDX-License-Identifier: Apache-2.0
#
# What a batch takes in our handler, as the product is built (shared/product.cmake).

add_executable(infer_ours EXCLUDE_FROM_ALL
  "${CMAKE_CURRENT_LIST_DIR}/probes/infer_ours.cc"
  "${CMAKE_CURRENT_LIST_DIR}/../shared/arguments.cc" "${CMAKE_CURRENT_LIST_DIR}/../shared/measurement.cc")
target_include_directories(infer_ours PRIVATE "${CMAKE_CURRENT_LIST_DIR}/../shared")
target_link_libraries(infer_ours PRIVATE iris_allocator iris_settings iris_warnings iris_inference iris_model_file)
