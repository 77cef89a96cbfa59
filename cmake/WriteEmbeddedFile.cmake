# SPDX-License-Identifier: Apache-2.0
#
# Run by iris_embed_file: writes OUTPUT, a C++ file that defines SYMBOL with the bytes of INPUT; where those are a
# compressed file's, ORIGINAL is that file.

file(READ "${INPUT}" bytes HEX)
string(LENGTH "${bytes}" length)
math(EXPR size "${length} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
string(REGEX REPLACE "(('[^']*',){16})" "\\1\n" bytes "${bytes}")
if(ORIGINAL)
  file(SIZE "${ORIGINAL}" inflated)
  set(inflated "extern const std::size_t ${SYMBOL}_inflated_size;
const std::size_t ${SYMBOL}_inflated_size = ${inflated};
")
endif()
file(WRITE "${OUTPUT}" "#include <cstddef>
namespace iris::embedded {
extern const char ${SYMBOL}[];
extern const std::size_t ${SYMBOL}_size;
const char ${SYMBOL}[] = {
${bytes}'\\0'};
const std::size_t ${SYMBOL}_size = ${size};
${inflated}}  // namespace iris::embedded
")
