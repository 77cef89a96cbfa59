# SPDX-License-Identifier: Apache-2.0
#
# The libraries that we link, as INTERFACE targets with one name each, wherever they come from: the pinned sources that
# toolchain/build compiled for musl (the product), or Debian's glibc packages of the same versions (dev, asan, tsan).
# The header-only ones, and Catch2, come from the pinned sources in both cases: build/toolchain/common; so does gRPC where
# there are sanitizers, from toolchain/sanitized.

set(IRIS_TOOLCHAIN "${PROJECT_SOURCE_DIR}/build/toolchain" CACHE PATH "What toolchain/build made")
if(NOT EXISTS "${IRIS_TOOLCHAIN}/common/include")
  message(FATAL_ERROR "${IRIS_TOOLCHAIN} holds no libraries yet: run toolchain/build first")
endif()

foreach(library json fast_float)
  add_library(iris_${library} INTERFACE)
  target_include_directories(iris_${library} SYSTEM INTERFACE "${IRIS_TOOLCHAIN}/common/include")
endforeach()

add_library(iris_openssl INTERFACE) # the one that gRPC speaks TLS with
if(IRIS_STATIC)
  target_link_libraries(iris_openssl INTERFACE "${IRIS_TOOLCHAIN}/usr/lib/libssl.a"
                                               "${IRIS_TOOLCHAIN}/usr/lib/libcrypto.a")
else()
  find_package(OpenSSL 3.0 REQUIRED)
  target_link_libraries(iris_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
endif()

add_library(iris_zlib INTERFACE)
if(IRIS_STATIC)
  target_link_libraries(iris_zlib INTERFACE "${IRIS_TOOLCHAIN}/usr/lib/libz.a")
else()
  find_package(ZLIB REQUIRED)
  target_link_libraries(iris_zlib INTERFACE ZLIB::ZLIB)
endif()

add_library(iris_microhttpd INTERFACE)
if(IRIS_STATIC)
  target_link_libraries(iris_microhttpd INTERFACE "${IRIS_TOOLCHAIN}/usr/lib/libmicrohttpd.a")
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
  target_link_libraries(iris_microhttpd INTERFACE PkgConfig::MICROHTTPD)
endif()

# protobuf; and gRPC with all it stands on.
add_library(iris_protobuf INTERFACE)
add_library(iris_grpc INTERFACE)
target_link_libraries(iris_grpc INTERFACE iris_protobuf)
find_program(PROTOC protoc REQUIRED)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
if(IRIS_STATIC)
  set(archives "${IRIS_TOOLCHAIN}/usr/lib/lib")
  target_link_libraries(iris_protobuf INTERFACE "${archives}protobuf.a" iris_zlib)
  target_link_libraries(iris_grpc INTERFACE "${archives}grpc.a" "${archives}protobuf.a" "${archives}absl.a" iris_openssl iris_zlib)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf)
  target_link_libraries(iris_protobuf INTERFACE PkgConfig::PROTOBUF)
  set(IRIS_SANITIZED_LIBRARIES "" CACHE PATH "What toolchain/sanitized made; empty: Debian's gRPC, without patches")
  if(IRIS_SANITIZED_LIBRARIES)
    if(NOT EXISTS "${IRIS_SANITIZED_LIBRARIES}/lib/libgrpc.a")
      message(FATAL_ERROR "${IRIS_SANITIZED_LIBRARIES} holds no libraries yet: run toolchain/sanitized first")
    endif()
    target_include_directories(iris_grpc SYSTEM INTERFACE "${IRIS_SANITIZED_LIBRARIES}/include")
    target_link_libraries(iris_grpc INTERFACE "${IRIS_SANITIZED_LIBRARIES}/lib/libgrpc.a"
                                              "${IRIS_SANITIZED_LIBRARIES}/lib/libabsl.a" iris_openssl iris_zlib)
    # What gRPC's functions that nobody calls refer to is not there (grpc.list): the release drops them whole. A symbol that
    # is missed in earnest is missed by the release's linker, which is not told so.
    target_link_options(iris_grpc INTERFACE -fuse-ld=lld "-Wl,--gc-sections,--unresolved-symbols=ignore-all")
  else()
    pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++=1.51.1)
    target_link_libraries(iris_grpc INTERFACE PkgConfig::GRPC)
  endif()
endif()

# The allocator: an object that defines malloc, linked before all archives. Sanitizers bring their own.
add_library(iris_allocator INTERFACE)
if(IRIS_STATIC)
  target_link_libraries(iris_allocator INTERFACE "${IRIS_TOOLCHAIN}/usr/lib/mimalloc.o")
endif()

# Catch2's amalgamated form, with its default main.
add_library(iris_catch2 STATIC EXCLUDE_FROM_ALL "${IRIS_TOOLCHAIN}/common/catch2/catch_amalgamated.cpp")
target_include_directories(iris_catch2 SYSTEM PUBLIC "${IRIS_TOOLCHAIN}/common/catch2")
target_compile_features(iris_catch2 PUBLIC cxx_std_23)
if(IRIS_SANITIZE)
  target_compile_options(iris_catch2 PRIVATE -O0 -g0)
endif()
