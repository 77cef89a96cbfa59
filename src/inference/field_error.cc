// SPDX-License-Identifier: Apache-2.0

#include "src/inference/field_error.h"

#include <cmath>
#include <utility>

#include "src/base/number.h"

namespace iris {

std::string Concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string ElementPath(std::string_view prefix, std::size_t index) {
  return Concat({prefix, "[", std::to_string(index), "]"});
}

std::string FormatValue(double value) {
  if (std::isnan(value)) return "nan";  // of either sign
  return FormatDouble(value);
}

std::unexpected<Error> FailField(ErrorCode code, std::string_view subject, std::string path, std::string description) {
  std::string message = Concat({subject, description});
  return std::unexpected(Error{code, std::move(message), {{std::move(path), std::move(description)}}});
}

std::unexpected<Error> FailTensor(const std::string& quoted, std::string path, std::string description) {
  return FailField(ErrorCode::kInvalidArgument, Concat({"tensor ", quoted, ": "}), std::move(path),
                   std::move(description));
}

std::unexpected<Error> FailTooLarge(std::string_view qualifier, std::uint64_t bytes, std::size_t limit) {
  return Fail(ErrorCode::kTooLarge,
              Concat({"the reply would take ", qualifier, std::to_string(bytes), " bytes, more than the limit of ",
                      std::to_string(limit), "; send fewer rows at a time or ask for fewer outputs"}));
}

}  // namespace iris
