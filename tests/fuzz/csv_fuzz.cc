// SPDX-License-Identifier: Apache-2.0
//
// CSV: a table that reads is whole; written out plainly and read again it is the same; and a model of its columns reads
// the same samples from it. The first byte chooses the options.

#include <string>

#include "src/dataset/table.h"
#include "tests/fuzz/tables.h"

namespace iris {
namespace {

std::string Quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

/// All quoted, names first, the label last under a name that no feature has.
std::string Write(const Dataset& table) {
  const auto& features = std::get<DenseMatrix>(table.features);
  std::string label = "label";
  std::string text;
  for (const std::string& name : table.feature_names) {
    text += Quoted(name) + ',';
    if (name.size() >= label.size()) label.assign(name.size() + 1, 'l');
  }
  text += label + '\n';
  for (std::size_t i = 0; i < features.rows(); ++i) {
    for (const double value : features.row(i)) text += FormatDouble(value) + ',';
    text += Quoted(table.class_names[static_cast<std::size_t>(table.labels[i])]) + '\n';
  }
  return text;
}

TableOptions Choose(unsigned bits) {
  constexpr char kDelimiters[] = {'\0', ',', ';', '\t'};
  constexpr TableHeader kHeaders[] = {TableHeader::kAuto, TableHeader::kYes, TableHeader::kNo, TableHeader::kAuto};
  TableOptions options;
  options.format = (bits & 1) != 0 ? TableFormat::kAuto : TableFormat::kCsv;
  options.delimiter = kDelimiters[bits >> 1 & 3];
  options.header = kHeaders[bits >> 3 & 3];
  options.class_order = (bits & 32) != 0 ? ClassOrder::kSorted : ClassOrder::kFirstAppearance;
  options.label_position = (bits & 64) != 0 ? 1 : -1;
  if ((bits & 128) != 0 && options.header == TableHeader::kYes) options.label_name = "species";
  return options;
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  if (size == 0) return 0;
  const TableOptions options = Choose(data[0]);
  const std::string_view text = fuzz::Text(data + 1, size - 1);
  const Result<Dataset> table = ParseTable(text, "origin", options);
  if (!table) {
    fuzz::RequireMessage(table.error().message);
    return 0;
  }
  fuzz::RequireWhole(*table);
  if (!std::holds_alternative<DenseMatrix>(table->features)) return 0;  // it was LIBSVM: the other target's

  TableOptions plain{.format = TableFormat::kCsv, .class_order = options.class_order, .header = TableHeader::kYes,
                     .delimiter = ','};
  const std::string written = Write(*table);
  const Result<Dataset> again = ParseTable(written, "again", plain);
  fuzz::Require(again.has_value(), "what was written reads:", again ? "" : again.error().message);
  fuzz::Require(fuzz::Same(*table, *again), "what was written reads the same");

  const ModelColumns model{table->feature_names, table->class_names};
  const Result<Dataset> seen = ParseTableFor(model, written, "seen", plain);
  fuzz::Require(seen && fuzz::Same(*table, *seen), "a model of these columns sees the same",
                seen ? "" : seen.error().message);
  const Result<Matrix> samples = ParseSamplesFor(model, written, "samples", plain);
  fuzz::Require(samples && std::get<DenseMatrix>(*samples).values == std::get<DenseMatrix>(table->features).values,
                "and the same samples", samples ? "" : samples.error().message);
  return 0;
}
