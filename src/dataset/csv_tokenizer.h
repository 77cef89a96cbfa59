// SPDX-License-Identifier: Apache-2.0
//
// From CSV text to records of fields; what the fields mean is the table reader's affair (csv.cc). The text comes window
// by window (text_blocks.h). The grammar stands in csv_tokenizer.cc.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/table_error.h"

namespace iris {

/// One field. `text` borrows from the tokenizer's window or from the record.
struct CsvField {
  std::string_view text;
  TextPosition position;
};

/// One record; refilled by each Next().
struct CsvRecord {
  std::vector<CsvField> fields;
  std::deque<std::string> unescaped;  ///< Fields that held doubled quotes; a deque, because `fields` point into it.
};

/// Where the numbers of a row of plain fields go.
struct CsvRowShape {
  std::vector<std::size_t> slots;  ///< Shape: columns. Where each column's number goes; the label column's is unused.
  std::size_t label_column;        ///< == slots.size(): there is none.
};

/// Walks over a text, record by record. Borrows the windows. One thread.
class CsvTokenizer {
 public:
  /// What Next() met.
  enum class Step : std::uint8_t {
    kRecord,
    kEnd,       ///< The window holds no more records.
    kOpenQuote  ///< A record goes on behind the window, inside quotes.
  };

  CsvTokenizer(char delimiter, std::string origin) : delimiter_(delimiter), origin_(std::move(origin)) {}

  /// Goes on in `window`, which starts where the last one was left: at offset() of it. `last`: the text ends with it.
  void Enter(std::string_view window, bool last);

  /// Reads the next record that is not a blank line. kOpenQuote leaves everything as it was before the record.
  /// Errors: kBadData: a quote that is never closed, text after a closing quote, a lone CR.
  Result<Step> Next(CsvRecord& record);

  /// Reads a row of the usual sort straight into numbers, several times as fast as Next: as many fields as `shape` has,
  /// finite numbers without quotes, and a label without quotes in it. Whatever else is there, even a fault, is left
  /// where it is for Next. Result: whether it has been read; `label` then borrows from the window.
  bool TakePlainRow(const CsvRowShape& shape, double* row, std::string_view& label);

  /// Where the next record starts in the window.
  std::size_t offset() const { return place_.offset; }
  /// Where the next record starts in the text.
  TextPosition position() const { return At(place_.offset); }

  /// A place in the window to return to, and so to read the record there again.
  struct Place {
    std::size_t offset = 0;
    std::size_t line = 1;
    std::size_t line_start = 0;
  };
  Place place() const { return place_; }
  void Return(Place place) { place_ = place; }

 private:
  enum class FieldStep : std::uint8_t { kField, kOpenQuote };

  TextPosition At(std::size_t offset) const { return {place_.line, offset - place_.line_start + 1}; }
  bool IsPadding(char c) const { return c == ' ' || (c == '\t' && delimiter_ != '\t'); }
  void SkipPadding();
  bool AtLineEnd() const;
  void TakeLineEnd();
  Result<FieldStep> TakeField(CsvRecord& record);
  Result<FieldStep> TakeQuotedField(CsvRecord& record);

  char delimiter_;
  std::string origin_;
  std::string_view text_;
  bool last_ = false;
  Place place_;
};

}  // namespace iris
