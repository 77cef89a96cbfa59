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

/// The shortest decimal text that ParseDouble turns back into `value`; "nan", "inf", "-inf".
std::string FormatDouble(double value);

}  // namespace iris
