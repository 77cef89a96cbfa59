// SPDX-License-Identifier: Apache-2.0
//
// Aligned columns and short numbers, as reports show them.

#pragma once

#include <string>
#include <vector>

namespace iris {

/// Rows of cells; rows may be of different lengths. UTF-8.
using TextTable = std::vector<std::vector<std::string>>;

/// The first column to the left, the others to the right, two blanks between them, a newline after each row. Widths
/// count characters (code points), not bytes.
std::string Aligned(const TextTable& table);

/// Six significant digits.
std::string Short(double value);

/// "96.67 %".
std::string Percent(double fraction);

/// "1 sample", "2 samples".
std::string Counted(std::size_t count, const std::string& singular);

}  // namespace iris
