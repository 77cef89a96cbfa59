// SPDX-License-Identifier: Apache-2.0
//
// Numbers in text, locale-free. Reading is correctly rounded; writing is exact (the shortest text that reads back as
// the same double, never more than 17 significant digits).

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iris {

/// The double nearest to decimal `text`, which must be a number and nothing else: an optional sign, digits with an
/// optional point, an optional exponent; also "nan", "inf", "infinity". None when it is not, or when its magnitude
/// overflows a double.
std::optional<double> ParseDouble(std::string_view text);

/// Whether `text` is a number, and nothing else, whose magnitude overflows a double ("1e309"): why ParseDouble had
/// none.
bool OverflowsDouble(std::string_view text);

/// A finite number at the front of a text.
struct NumberPrefix {
  double value;
  const char* end;  ///< Just after it; nullptr: the text does not start with a finite number.
};

/// The longest finite number, as in ParseDouble, at the front of [begin, end). For reading tables in place: what may
/// follow a number is the caller's affair.
NumberPrefix ParseDoublePrefix(const char* begin, const char* end);

/// The shortest decimal text that ParseDouble turns back into `value`; "nan", "inf", "-inf".
std::string FormatDouble(double value);

}  // namespace iris
