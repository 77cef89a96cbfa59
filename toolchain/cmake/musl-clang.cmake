# SPDX-License-Identifier: Apache-2.0
#
# The released binary: clang 19 and lld against the sysroot that toolchain/build made (build/toolchain). The target is a
# parameter; the triple's first part is the processor.

set(IRIS_TARGET "x86_64-linux-musl" CACHE STRING "Target triple, as given to toolchain/build --target")
set(IRIS_STATIC ON)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES IRIS_TARGET IRIS_LINK_CACHE)

get_filename_component(IRIS_TOOLCHAIN_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
get_filename_component(sysroot "${IRIS_TOOLCHAIN_DIR}/../build/toolchain" REALPATH)
if(NOT EXISTS "${sysroot}/usr/lib/libgrpc.a")
  message(FATAL_ERROR "no toolchain at build/toolchain: run toolchain/build first")
endif()

string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "${IRIS_TARGET}")
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER "${sysroot}/bin/${IRIS_TARGET}-clang")
set(CMAKE_CXX_COMPILER "${sysroot}/bin/${IRIS_TARGET}-clang++")
set(CMAKE_AR llvm-ar-19)
set(CMAKE_RANLIB llvm-ranlib-19)
set(CMAKE_FIND_ROOT_PATH "${sysroot}")
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

file(STRINGS "${IRIS_TOOLCHAIN_DIR}/flags.txt" flags REGEX "^[^#]")
file(STRINGS "${IRIS_TOOLCHAIN_DIR}/flags_checked.txt" flags_checked REGEX "^[^#]")
list(JOIN flags " " flags)
list(JOIN flags_checked " " flags_checked)
set(CMAKE_C_FLAGS_INIT "${flags} ${flags_checked} -DNDEBUG")
# Nobody asks an object for its type: neither we nor gRPC, protobuf and Abseil, which are built likewise.
set(CMAKE_CXX_FLAGS_INIT "${flags} ${flags_checked} -DNDEBUG -fno-rtti")
set(CMAKE_C_FLAGS_MINSIZEREL "" CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "" CACHE STRING "")

# The linker keeps the code that it made from each bitcode file, so that a change to one file costs that file alone.
get_filename_component(cache "${sysroot}/../../thinlto" ABSOLUTE)
set(IRIS_LINK_CACHE "${cache}" CACHE PATH "Where the linker keeps it")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-static-pie -Wl,--gc-sections -Wl,--icf=all -Wl,-z,pack-relative-relocs -Wl,-z,relro -Wl,-z,now \
-Wl,-z,noexecstack -Wl,-z,stack-size=1048576 -Wl,-O2 -Wl,--build-id=none -Wl,--lto-O2 \
-Wl,--thinlto-cache-dir=${IRIS_LINK_CACHE} -Wl,--thinlto-cache-policy=prune_after=168h:cache_size_bytes=2g")
