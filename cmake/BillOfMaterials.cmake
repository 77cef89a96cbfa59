# SPDX-License-Identifier: Apache-2.0
#
# iris_bill_of_materials(OUTPUT [TARGET]) writes the bill of materials of the product, from the lock, into the file OUTPUT;
# with TARGET, a program, whenever that is linked, and with its SHA-256 in it.

find_program(PYTHON3 python3 REQUIRED)

function(iris_bill_of_materials output)
  set(script "${PROJECT_SOURCE_DIR}/toolchain/sbom")
  if(ARGC GREATER 1)
    add_custom_command(TARGET ${ARGV1} POST_BUILD VERBATIM
                       COMMAND "${PYTHON3}" -B "${script}" --binary "$<TARGET_FILE:${ARGV1}>" --out "${output}"
                       BYPRODUCTS "${output}")
    return()
  endif()
  file(GLOB patches CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/toolchain/patches/*/*.patch")
  add_custom_command(
    OUTPUT "${output}" VERBATIM
    COMMAND "${PYTHON3}" -B "${script}" --out "${output}"
    DEPENDS "${script}" ${patches} "${PROJECT_SOURCE_DIR}/toolchain/sources.lock" "${PROJECT_SOURCE_DIR}/CMakeLists.txt"
            "${PROJECT_SOURCE_DIR}/toolchain/lib/bill_of_materials.py" "${PROJECT_SOURCE_DIR}/toolchain/lib/linked.py"
            "${PROJECT_SOURCE_DIR}/toolchain/lib/lock.py" "${PROJECT_SOURCE_DIR}/toolchain/lib/steps.py")
endfunction()
