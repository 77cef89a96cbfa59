# SPDX-License-Identifier: Apache-2.0
#
# Puts our contender into a build of the product without the product knowing of it:
#   cmake --preset static -B build/bench/product -DCMAKE_PROJECT_iris-predictor_INCLUDE=bench/trainer/product.cmake
# so that what is measured comes from the very compiler, flags, allocator and link of what ships. project() reads this
# before the rooms are there; hence the deferred call.

cmake_language(EVAL CODE "cmake_language(DEFER CALL include [[${CMAKE_CURRENT_LIST_DIR}/contender.cmake]])")
