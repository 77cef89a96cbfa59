# SPDX-License-Identifier: Apache-2.0
#
# iris_embed_file(TARGET FILE SYMBOL [COMPRESSED]) adds to TARGET the bytes of FILE as
#   namespace iris::embedded { extern const char SYMBOL[]; extern const std::size_t SYMBOL_size; }
# The array ends with a zero byte that is not counted. COMPRESSED: in zlib's format, for what is only printed; there is
# also SYMBOL_inflated_size then.

function(iris_embed_file target file symbol)
  cmake_parse_arguments(PARSE_ARGV 3 EMBED "COMPRESSED" "" "")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc")
  set(input "${file}")
  if(EMBED_COMPRESSED)
    find_program(PYTHON3 python3 REQUIRED)
    set(input "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.z")
    add_custom_command(OUTPUT "${input}" COMMAND "${PYTHON3}" "${PROJECT_SOURCE_DIR}/cmake/deflate.py" "${file}" "${input}"
                       DEPENDS "${file}" "${PROJECT_SOURCE_DIR}/cmake/deflate.py" VERBATIM)
    set(original "-DORIGINAL=${file}")
  endif()
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} ${original} -DOUTPUT=${output} -DSYMBOL=${symbol} -P
            "${PROJECT_SOURCE_DIR}/cmake/WriteEmbeddedFile.cmake"
    DEPENDS "${input}" "${PROJECT_SOURCE_DIR}/cmake/WriteEmbeddedFile.cmake"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
