// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, for telling whether bytes are the bytes that were meant: checksums of model files and of training data.
// Source: FIPS 180-4.

#pragma once

#include <string>
#include <string_view>

namespace iris {

/// The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace iris
