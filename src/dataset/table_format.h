// SPDX-License-Identifier: Apache-2.0
//
// What a text is, told from its start. Pure functions.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/dataset/table.h"

namespace iris {

/// Bytes of a byte order mark in front of `window`, the start of a text, which need not hold a line end. Errors: kBadData
/// for what is no UTF-8 text: UTF-16, compressed or columnar files (by name), a NUL byte in the first 4096; and for
/// Excel's line "sep=;".
Result<std::size_t> CheckTextStart(std::string_view window, const std::string& origin);

/// CSV or LIBSVM, by the rule of TableFormat::kAuto; CSV when there are only blank lines (it has no rows then, either
/// way). `window`: the start of the text, whole lines. Errors: kBadData when it is not clear.
Result<TableFormat> FindTableFormat(std::string_view window, const std::string& origin);

}  // namespace iris
