// SPDX-License-Identifier: Apache-2.0
//
// Refusals of requests, each for one field. Not inline: there are many, and they are not in a hurry.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "src/base/error.h"

namespace iris {

/// The parts, one after the other. Much less code at its calls than operator+.
std::string Concat(std::initializer_list<std::string_view> parts);

/// `prefix` + "[" + `index` + "]": the path of an element of a repeated field.
std::string ElementPath(std::string_view prefix, std::size_t index);

/// "nan", "inf", "-inf", or the shortest text of a finite value.
std::string FormatValue(double value);

/// An error for a person, "<subject><description>", and for a program: `description` of the field at `path`.
std::unexpected<Error> FailField(ErrorCode code, std::string_view subject, std::string path, std::string description);

/// The same with INVALID_ARGUMENT, where the message is about the tensor named `quoted`.
std::unexpected<Error> FailTensor(const std::string& quoted, std::string path, std::string description);

/// kTooLarge: the reply would take `qualifier` `bytes` bytes.
std::unexpected<Error> FailTooLarge(std::string_view qualifier, std::uint64_t bytes, std::size_t limit);

}  // namespace iris
