// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/table_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/dataset/table_error.h"

namespace iris {
namespace {

constexpr std::string_view kGaps = " \t\r";

/// A file that is often mistaken for the table that it holds, by how it starts.
struct KnownFile {
  std::string_view start;
  const char* name;
};
constexpr std::array<KnownFile, 9> kKnownFiles = {{
    {"\x1F\x8B", "a gzip file"},
    {"BZh", "a bzip2 file"},
    {"\xFD"
     "7zXZ",
     "an xz file"},
    {"\x28\xB5\x2F\xFD", "a Zstandard file"},
    {"PK\x03\x04", "a ZIP file (or an Excel workbook)"},
    {"\xD0\xCF\x11\xE0", "an Excel workbook"},
    {"PAR1", "a Parquet file"},
    {"ARROW1", "an Arrow file"},
    {"\x93NUMPY", "a NumPy file"},
}};

/// The next word of `line`, which is then taken off it; empty at its end.
std::string_view TakeWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kGaps), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kGaps));
  line.remove_prefix(word.size());
  return word;
}

/// Whether `word` is index:value, or SVMlight's qid:value.
bool IsPair(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view index = word.substr(0, colon);
  return index == "qid" || index.find_first_not_of("0123456789") == std::string_view::npos;
}

/// How many of the first two words behind a number at the front of `line` are index:value; 0 when the first word is no
/// number.
int LeadingPairs(std::string_view line) {
  if (!ParseDouble(TakeWord(line))) return 0;
  int pairs = 0;
  while (pairs < 2 && IsPair(TakeWord(line))) ++pairs;
  return pairs;
}

}  // namespace

Result<std::size_t> CheckTextStart(std::string_view window, const std::string& origin) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  constexpr std::size_t kLooked = 4096;
  if (window.starts_with("\xFF\xFE") || window.starts_with("\xFE\xFF")) {
    return TableError(origin, {}, "UTF-16 text", "UTF-8 (save the table as UTF-8 text)");
  }
  for (const KnownFile& file : kKnownFiles) {
    if (window.starts_with(file.start)) return TableError(origin, {}, file.name, "text: CSV or LIBSVM");
  }
  if (const std::size_t nul = window.substr(0, kLooked).find('\0'); nul != std::string_view::npos) {
    const std::string_view before = window.substr(0, nul);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
    return TableError(origin, {lines + 1, nul - line_start + 1}, "a NUL byte",
                      "text: CSV or LIBSVM (is this a binary file, or UTF-16?)");
  }
  const std::size_t start = window.starts_with(kByteOrderMark) ? kByteOrderMark.size() : std::size_t{0};
  const std::string_view first_line = window.substr(start, window.substr(start).find_first_of("\r\n"));
  if (first_line.size() == 5 && first_line.starts_with("sep=")) {
    return TableError(origin, {}, Quote(first_line) + ", which is for Excel",
                      "a header or a sample (take the line away; --delimiter says what it says)");
  }
  return start;
}

Result<TableFormat> FindTableFormat(std::string_view window, const std::string& origin) {
  std::optional<std::size_t> undecided;  // the first line that is neither
  std::string_view undecided_line;
  for (std::size_t line = 1; !window.empty(); ++line) {
    const std::string_view text = window.substr(0, window.find('\n'));
    window.remove_prefix(std::min(text.size() + 1, window.size()));
    std::string_view rest = text;
    if (const std::string_view first = TakeWord(rest); first.empty() || first.starts_with('#')) continue;
    const int pairs = LeadingPairs(text);
    const std::string_view content = pairs == 0 ? text : text.substr(0, text.find('#'));  // LIBSVM has comments
    const bool delimited = content.find_first_of(",;\t") != std::string_view::npos;
    if (pairs == 1 && delimited) {
      return TableError(origin, {line, 1}, "a line that can be CSV or LIBSVM (" + Quote(text) + ")",
                        "one that is clear; say which with --format csv or --format libsvm");
    }
    if (pairs > 0) return TableFormat::kLibsvm;
    if (delimited) return TableFormat::kCsv;
    if (!undecided) {
      undecided = line;
      undecided_line = text;
    }
  }
  if (!undecided) return TableFormat::kCsv;
  return TableError(origin, {*undecided, 1}, Quote(undecided_line),
                    "columns separated by commas, semicolons or tabs (CSV), or a label and index:value pairs (LIBSVM); "
                    "say which with --format csv or --format libsvm");
}

}  // namespace iris
