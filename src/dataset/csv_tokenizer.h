// SPDX-License-Identifier: Apache-2.0
//
// From CSV text to records of fields; what the fields mean is the table builder's affair (csv.cc). The grammar stands
// in csv_tokenizer.cc.

#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"

namespace iris {

/// A place in a text. Both count from 1; the column counts bytes.
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// One field. `text` borrows from the tokenizer's text or from the record.
struct CsvField {
  std::string_view text;
  TextPosition position;
};

/// One record; refilled by each Next().
struct CsvRecord {
  std::vector<CsvField> fields;
  std::deque<std::string> unescaped;  ///< Fields that held doubled quotes; a deque, because `fields` point into it.
};

/// An error of the file `origin` at `position`: "origin:line:column: found …, expected …".
std::unexpected<Error> CsvError(const std::string& origin, TextPosition position, const std::string& found,
                                const std::string& expected);

/// Walks over a text, record by record. Borrows the text, which must outlive it and its records. One thread.
class CsvTokenizer {
 public:
  CsvTokenizer(std::string_view text, std::string origin);

  /// Reads the next record that is not a blank line. Result: false at the end of the text.
  /// Errors: kBadData: a quote that is never closed, text after a closing quote, a lone CR, UTF-16.
  Result<bool> Next(CsvRecord& record);

  /// Where the next record starts; at the end of the text, where that is.
  TextPosition position() const { return At(offset_); }

 private:
  TextPosition At(std::size_t offset) const { return {line_, offset - line_start_ + 1}; }
  void SkipPadding();
  bool AtLineEnd() const;
  void TakeLineEnd();
  Result<CsvField> TakeField(CsvRecord& record);
  Result<CsvField> TakeQuotedField(CsvRecord& record);

  std::string_view text_;
  std::string origin_;
  std::size_t offset_ = 0;
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
};

}  // namespace iris
