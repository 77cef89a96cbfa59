// SPDX-License-Identifier: Apache-2.0
//
// The grammar (RFC 4180 with the liberties that people take):
//
//   text    = [byte order mark] *(blank line / record)
//   record  = field *("," field) line-end
//   field   = padding (quoted / plain) padding        padding: spaces and tabs, not part of the value
//   quoted  = DQUOTE *(any but DQUOTE / DQUOTE DQUOTE) DQUOTE      may hold commas and line ends
//   plain   = *(any but "," CR LF), not starting with DQUOTE
//   line-end = LF / CR LF / end of text               a blank line holds padding only

#include "src/dataset/csv_tokenizer.h"

#include <utility>

#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kPadding = " \t";

std::string_view TrimRight(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kPadding);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

std::unexpected<Error> CsvError(const std::string& origin, TextPosition position, const std::string& found,
                                const std::string& expected) {
  return Fail(ErrorCode::kBadData, origin + ":" + std::to_string(position.line) + ":" +
                                       std::to_string(position.column) + ": found " + found + ", expected " + expected);
}

CsvTokenizer::CsvTokenizer(std::string_view text, std::string origin) : text_(text), origin_(std::move(origin)) {
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

bool CsvTokenizer::AtLineEnd() const {
  if (offset_ == text_.size() || text_[offset_] == '\n') return true;
  return text_[offset_] == '\r' && (offset_ + 1 == text_.size() || text_[offset_ + 1] == '\n');
}

void CsvTokenizer::TakeLineEnd() {
  if (offset_ < text_.size() && text_[offset_] == '\r') ++offset_;
  if (offset_ == text_.size()) return;
  ++offset_;
  ++line_;
  line_start_ = offset_;
}

void CsvTokenizer::SkipPadding() {
  while (offset_ < text_.size() && kPadding.contains(text_[offset_])) ++offset_;
}

Result<CsvField> CsvTokenizer::TakeField(CsvRecord& record) {
  SkipPadding();
  if (offset_ < text_.size() && text_[offset_] == '"') return TakeQuotedField(record);
  const std::size_t start = offset_;
  while (offset_ < text_.size() && text_[offset_] != ',' && text_[offset_] != '\n' && text_[offset_] != '\r') ++offset_;
  if (!AtLineEnd() && text_[offset_] == '\r') {
    return CsvError(origin_, At(offset_), "a carriage return alone", "line ends LF or CR LF");
  }
  return CsvField{TrimRight(text_.substr(start, offset_ - start)), At(start)};
}

Result<CsvField> CsvTokenizer::TakeQuotedField(CsvRecord& record) {
  CsvField field{{}, At(offset_)};
  const std::size_t start = ++offset_;
  bool doubled = false;
  while (true) {
    offset_ = text_.find_first_of("\"\n", offset_);
    if (offset_ == std::string_view::npos) {
      offset_ = text_.size();
      return CsvError(origin_, field.position, "a quote that is never closed", "a closing quote");
    }
    if (text_[offset_] == '\n') {
      ++offset_;
      ++line_;
      line_start_ = offset_;
    } else if (text_.substr(offset_).starts_with("\"\"")) {
      doubled = true;
      offset_ += 2;
    } else {
      break;
    }
  }
  field.text = text_.substr(start, offset_ - start);
  ++offset_;
  SkipPadding();
  if (!AtLineEnd() && text_[offset_] != ',') {
    const std::string_view rest = text_.substr(offset_);
    return CsvError(origin_, At(offset_), Quote(rest.substr(0, rest.find_first_of(",\r\n"))) + " after a closing quote",
                    "a comma or the end of the line");
  }
  if (doubled) {
    std::string& unescaped = record.unescaped.emplace_back();
    for (std::size_t i = 0; i < field.text.size(); ++i) {
      unescaped += field.text[i];
      if (field.text[i] == '"') ++i;
    }
    field.text = unescaped;
  }
  return field;
}

Result<bool> CsvTokenizer::Next(CsvRecord& record) {
  record.fields.clear();
  record.unescaped.clear();
  if (offset_ == 0 && (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))) {
    return CsvError(origin_, {}, "UTF-16 text", "UTF-8 (save the table as UTF-8 text)");
  }
  for (SkipPadding(); AtLineEnd(); SkipPadding()) {
    if (offset_ == text_.size()) return false;
    TakeLineEnd();
    if (offset_ == text_.size()) return false;
  }
  // Back to the line's start: the padding before the first field is the field's.
  offset_ = line_start_;
  while (true) {
    Result<CsvField> field = TakeField(record);
    if (!field) return std::unexpected(std::move(field.error()));
    record.fields.push_back(*field);
    if (AtLineEnd()) break;
    ++offset_;  // the comma
  }
  TakeLineEnd();
  return true;
}

}  // namespace iris
