# SPDX-License-Identifier: Apache-2.0
#
# Our contender, as the product is built (see product.cmake). The others are glibc programs: harness/programs.py.

foreach(program fit_ours read_ours)
  set(sources drivers/${program}.cc drivers/table_file.cc ../shared/arguments.cc ../shared/measurement.cc)
  list(TRANSFORM sources PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
  add_executable(${program} EXCLUDE_FROM_ALL ${sources})
  target_include_directories(${program} PRIVATE "${CMAKE_CURRENT_LIST_DIR}/../shared")
  target_link_libraries(${program} PRIVATE iris_allocator iris_settings iris_warnings iris_svm iris_dataset)
endforeach()
