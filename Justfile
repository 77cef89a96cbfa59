# SPDX-License-Identifier: Apache-2.0
#
# The same words as ./run, for those who have just.

set positional-arguments

[private]
default:
    @just --list

# Build the binary if need be, train, and serve on [::]:50052
serve *arguments:
    ./run serve "$@"

# All tests: unit (release and sanitizer builds), end to end, container, toolchain
test *arguments:
    ./run test "$@"

# The product: build/static/iris-predictor
build:
    ./run build

# Compiler and libraries
toolchain *arguments:
    ./run toolchain "$@"

# Build and run the unit tests of one preset: static, dev, asan, tsan
unit preset="dev":
    ./run unit "$1"

# The end-to-end tests alone
e2e *names:
    ./run e2e "$@"

# The attacks alone, and what came of them
wire *names:
    ./run wire "$@"

# The end-to-end tests that make sense for a build with sanitizers (asan, tsan), against one
e2e-sanitized preset *names:
    ./run e2e-sanitized "$@"

# Every parser and the whole server, fuzzed for so many seconds each
fuzz *arguments:
    ./run fuzz "$@"

# The container image, as iris-predictor:latest
image *arguments:
    ./run image "$@"

# Build everything twice, in two folders with two caches, and compare the binaries
reproduce:
    ./run reproduce

# The trainer beside LIBLINEAR and scikit-learn (--quick: two minutes)
bench *arguments:
    ./run bench "$@"

# The server beside the tutorial's, gRPC's own and the limit (--quick: five minutes)
bench-serving *arguments:
    ./run bench-serving "$@"

# What is in the binary, component by component
size:
    ./run size

# Remove build/
clean:
    ./run clean
