# SPDX-License-Identifier: Apache-2.0
#
# Our contender, as the product is built (see product.cmake). The others are glibc programs: harness/programs.py.

foreach(program fit_ours read_ours)
  set(sources ${program}.cc arguments.cc measurement.cc table_file.cc)
  list(TRANSFORM sources PREPEND "${CMAKE_CURRENT_LIST_DIR}/drivers/")
  add_executable(${program} EXCLUDE_FROM_ALL ${sources})
  target_link_libraries(${program} PRIVATE iris_allocator iris_settings iris_warnings iris_svm iris_dataset)
endforeach()
