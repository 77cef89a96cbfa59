// SPDX-License-Identifier: Apache-2.0
//
// The grammar (RFC 4180 with the liberties that people take); D is the table's delimiter:
//
//   text    = *(blank line / record)
//   record  = field *(D field) line-end
//   field   = padding (quoted / plain) padding
//   padding = *(space / tab)                          not part of the value; a tab only where D is none
//   quoted  = DQUOTE *(any but DQUOTE / DQUOTE DQUOTE) DQUOTE      may hold delimiters and line ends
//   plain   = *(any but D CR LF), not starting with DQUOTE
//   line-end = LF / CR LF / end of text               a blank line holds padding only
//
// There are no comments.

#include "src/dataset/csv_tokenizer.h"

#include <utility>

#include "src/base/text.h"

namespace iris {

void CsvTokenizer::Enter(std::string_view window, bool last) {
  text_ = window;
  last_ = last;
  place_.line_start = 0;  // a record starts a line
  place_.offset = 0;
}

bool CsvTokenizer::AtLineEnd() const {
  if (place_.offset == text_.size() || text_[place_.offset] == '\n') return true;
  return text_[place_.offset] == '\r' && (place_.offset + 1 == text_.size() || text_[place_.offset + 1] == '\n');
}

void CsvTokenizer::TakeLineEnd() {
  if (place_.offset < text_.size() && text_[place_.offset] == '\r') ++place_.offset;
  if (place_.offset == text_.size()) return;
  ++place_.offset;
  ++place_.line;
  place_.line_start = place_.offset;
}

void CsvTokenizer::SkipPadding() {
  while (place_.offset < text_.size() && IsPadding(text_[place_.offset])) ++place_.offset;
}

Result<CsvTokenizer::FieldStep> CsvTokenizer::TakeField(CsvRecord& record) {
  SkipPadding();
  if (place_.offset < text_.size() && text_[place_.offset] == '"') return TakeQuotedField(record);
  const std::size_t start = place_.offset;
  while (place_.offset < text_.size() && text_[place_.offset] != delimiter_ && text_[place_.offset] != '\n' &&
         text_[place_.offset] != '\r') {
    ++place_.offset;
  }
  if (!AtLineEnd() && text_[place_.offset] == '\r') {
    return TableError(origin_, At(place_.offset), "a carriage return alone", "line ends LF or CR LF");
  }
  std::size_t end = place_.offset;
  while (end > start && IsPadding(text_[end - 1])) --end;
  record.fields.push_back({text_.substr(start, end - start), At(start)});
  return FieldStep::kField;
}

Result<CsvTokenizer::FieldStep> CsvTokenizer::TakeQuotedField(CsvRecord& record) {
  CsvField field{{}, At(place_.offset)};
  const std::size_t start = ++place_.offset;
  bool doubled = false;
  while (true) {
    place_.offset = text_.find_first_of("\"\n", place_.offset);
    if (place_.offset == std::string_view::npos) {
      place_.offset = text_.size();
      if (!last_) return FieldStep::kOpenQuote;
      return TableError(origin_, field.position, "a quote that is never closed", "a closing quote");
    }
    if (text_[place_.offset] == '\n') {
      ++place_.offset;
      ++place_.line;
      place_.line_start = place_.offset;
    } else if (text_.substr(place_.offset).starts_with("\"\"")) {
      doubled = true;
      place_.offset += 2;
    } else {
      break;
    }
  }
  field.text = text_.substr(start, place_.offset - start);
  ++place_.offset;
  SkipPadding();
  if (!AtLineEnd() && text_[place_.offset] != delimiter_) {
    const std::string_view rest = text_.substr(place_.offset);
    const std::string stops = {delimiter_, '\r', '\n'};
    return TableError(origin_, At(place_.offset),
                      Quote(rest.substr(0, rest.find_first_of(stops))) + " after a closing quote",
                      "a delimiter or the end of the line");
  }
  if (doubled) {
    std::string& unescaped = record.unescaped.emplace_back();
    for (std::size_t i = 0; i < field.text.size(); ++i) {
      unescaped += field.text[i];
      if (field.text[i] == '"') ++i;
    }
    field.text = unescaped;
  }
  record.fields.push_back(field);
  return FieldStep::kField;
}

Result<CsvTokenizer::Step> CsvTokenizer::Next(CsvRecord& record) {
  record.fields.clear();
  record.unescaped.clear();
  for (SkipPadding(); AtLineEnd(); SkipPadding()) {
    if (place_.offset == text_.size()) return Step::kEnd;
    TakeLineEnd();
    if (place_.offset == text_.size()) return Step::kEnd;
  }
  // Back to the line's start: the padding before the first field is the field's.
  place_.offset = place_.line_start;
  const Place start = place_;
  while (true) {
    const Result<FieldStep> step = TakeField(record);
    if (!step) return std::unexpected(step.error());
    if (*step == FieldStep::kOpenQuote) {
      place_ = start;
      return Step::kOpenQuote;
    }
    if (AtLineEnd()) break;
    ++place_.offset;  // the delimiter
  }
  TakeLineEnd();
  return Step::kRecord;
}

}  // namespace iris
