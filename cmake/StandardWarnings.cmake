# SPDX-License-Identifier: Apache-2.0
#
# Warnings for our own code; generated and third-party code is not held to them.

add_library(iris_warnings INTERFACE)
target_compile_options(
  iris_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
            -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough -Wundef -Werror)
