# SPDX-License-Identifier: Apache-2.0
#
# IRIS_PROFILED: compiler options of the release for what every call goes through (toolchain/flags_profiled.txt).

set(IRIS_PROFILED)
if(IRIS_STATIC)
  set(text "${PROJECT_SOURCE_DIR}/toolchain/profile.txt")
  set(flags "${PROJECT_SOURCE_DIR}/toolchain/flags_profiled.txt")
  # Another profile has another name, so that what is compiled by it is compiled anew.
  file(SHA256 "${text}" hash)
  set(indexed "${PROJECT_BINARY_DIR}/profile-${hash}.profdata")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${text}" "${flags}")
  execute_process(COMMAND llvm-profdata-19 merge -o "${indexed}" "${text}" COMMAND_ERROR_IS_FATAL ANY)
  file(STRINGS "${flags}" IRIS_PROFILED REGEX "^[^#]")
  list(TRANSFORM IRIS_PROFILED REPLACE "@PROFILE@" "${indexed}")
  # The linker goes on where the compiler has left off.
  foreach(option IN LISTS IRIS_PROFILED)
    if(option MATCHES "threshold|cutoff")
      add_link_options("-Wl,-mllvm,${option}")
    endif()
  endforeach()
  # CMake would write a repeated option once.
  string(REGEX REPLACE "-mllvm;" "SHELL:-mllvm " IRIS_PROFILED "${IRIS_PROFILED}")
endif()
