# SPDX-License-Identifier: Apache-2.0
#
# iris_embed_file(TARGET FILE SYMBOL) adds to TARGET the bytes of FILE as
#   namespace iris::embedded { extern const char SYMBOL[]; extern const std::size_t SYMBOL_size; }
# The array ends with a zero byte that is not counted.

function(iris_embed_file target file symbol)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${output} -DSYMBOL=${symbol} -P
            "${PROJECT_SOURCE_DIR}/cmake/WriteEmbeddedFile.cmake"
    DEPENDS "${file}" "${PROJECT_SOURCE_DIR}/cmake/WriteEmbeddedFile.cmake"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
