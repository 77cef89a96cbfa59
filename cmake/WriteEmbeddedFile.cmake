# SPDX-License-Identifier: Apache-2.0
#
# Run by iris_embed_file: writes OUTPUT, a C++ file that defines SYMBOL with the bytes of INPUT.

file(READ "${INPUT}" bytes HEX)
string(LENGTH "${bytes}" length)
math(EXPR size "${length} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
string(REGEX REPLACE "(('[^']*',){16})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include <cstddef>
namespace iris::embedded {
extern const char ${SYMBOL}[];
extern const std::size_t ${SYMBOL}_size;
const char ${SYMBOL}[] = {
${bytes}'\\0'};
const std::size_t ${SYMBOL}_size = ${size};
}  // namespace iris::embedded
")
