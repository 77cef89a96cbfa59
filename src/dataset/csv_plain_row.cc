// SPDX-License-Identifier: Apache-2.0
//
// The innermost loop of reading a CSV: every number is looked at once, by the parser that makes it a double. What it
// takes is what Next() would have taken, value for value; csv_test.cc holds one against the other. Raw pointers, and
// compiled for speed in the release: a table of a gigabyte goes through here.

#include "src/base/number.h"
#include "src/dataset/csv_tokenizer.h"

namespace iris {
namespace {

/// Reads a label that ends at `delimiter` or a line end, with or without quotes around it. Result: just behind it and
/// the padding after it; nullptr when it is not plain.
const char* TakeLabel(const char* p, const char* end, char delimiter, std::string_view& label) {
  const char* const start = p;
  if (p < end && *p == '"') {
    do {
      ++p;
    } while (p < end && *p != '"' && *p != '\n');
    if (p == end || *p == '\n') return nullptr;
    label = {start + 1, static_cast<std::size_t>(p - start - 1)};
    return p + 1;  // a quote that follows is no delimiter, so that a doubled one is left to Next
  }
  while (p < end && *p != delimiter && *p != '\n' && *p != '\r') ++p;
  const char* last = p;
  while (last > start && (last[-1] == ' ' || (last[-1] == '\t' && delimiter != '\t'))) --last;
  label = {start, static_cast<std::size_t>(last - start)};
  return p;
}

}  // namespace

bool CsvTokenizer::TakePlainRow(const CsvRowShape& shape, double* row, std::string_view& label) {
  const char* const begin = text_.data();
  const char* const end = begin + text_.size();
  const char* p = begin + place_.offset;
  const char delimiter = delimiter_;
  const auto skip_padding = [&] {
    while (p < end && (*p == ' ' || (*p == '\t' && delimiter != '\t'))) ++p;
  };
  const std::size_t columns = shape.slots.size();
  const std::size_t* const slots = shape.slots.data();
  for (std::size_t c = 0; c < columns; ++c) {
    if (c != 0) {
      if (p == end || *p != delimiter) return false;
      ++p;
    }
    skip_padding();
    if (c == shape.label_column) {
      p = TakeLabel(p, end, delimiter, label);
      if (p == nullptr) return false;
    } else {
      const NumberPrefix number = ParseDoublePrefix(p, end);
      if (number.end == nullptr) return false;
      row[slots[c]] = number.value;
      p = number.end;
    }
    skip_padding();
  }
  if (p < end && *p == '\r') ++p;
  if (p < end && *p != '\n') return false;
  if (p < end) {
    ++p;
    ++place_.line;
    place_.line_start = static_cast<std::size_t>(p - begin);
  }
  place_.offset = static_cast<std::size_t>(p - begin);
  return true;
}

}  // namespace iris
