# SPDX-License-Identifier: Apache-2.0
#
# What every file of ours is compiled with, whatever the preset. The toolchain file adds what the release needs
# (ThinLTO, hardening, sections); IRIS_SANITIZE, set by the sanitizer presets, adds a sanitizer.

add_library(iris_settings INTERFACE)
target_compile_features(iris_settings INTERFACE cxx_std_23)
target_include_directories(iris_settings INTERFACE "${PROJECT_SOURCE_DIR}")
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

file(RELATIVE_PATH source_from_build "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")
target_compile_options(
  iris_settings
  INTERFACE
    -ffp-contract=off # the same bits on every machine: no fused multiply-add behind our back
    "-ffile-prefix-map=${PROJECT_BINARY_DIR}/=" "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/="
    "-ffile-prefix-map=${source_from_build}/=") # as the release's compiler is given them (toolchain/lib/compilers.py)

# For what neither throws nor is passed through by what is thrown, where bytes count.
set(IRIS_NO_EXCEPTIONS -fno-exceptions -fno-unwind-tables -fno-asynchronous-unwind-tables)

set(IRIS_SANITIZE "" CACHE STRING "Comma-separated sanitizers for a glibc build")
if(IRIS_SANITIZE)
  # Without vptr: it looks at memory through a pipe, and calls objects bad where a test has used up all descriptors.
  target_compile_options(iris_settings INTERFACE -fsanitize=${IRIS_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
                                                 -fno-omit-frame-pointer
                                                 -gline-tables-only) # all that a report shows
  target_link_options(iris_settings INTERFACE -fsanitize=${IRIS_SANITIZE})
endif()
