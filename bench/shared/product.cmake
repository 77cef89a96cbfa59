# SPDX-License-Identifier: Apache-2.0
#
# Puts the benchmarks' programs that contain parts of the product into a build of it, without the product knowing of it:
#   cmake --preset static -B build/bench/product -DCMAKE_PROJECT_iris-predictor_INCLUDE=bench/shared/product.cmake
# so that what is measured comes from the very compiler, flags, allocator and link of what ships. project() reads this
# before the rooms are there; hence the deferred calls.

foreach(bench trainer serving)
  set(contender "${CMAKE_CURRENT_LIST_DIR}/../${bench}/contender.cmake")
  cmake_language(EVAL CODE "cmake_language(DEFER CALL include [[${contender}]])")
endforeach()
