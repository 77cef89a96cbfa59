// SPDX-License-Identifier: Apache-2.0
//
// LIBSVM text: a table that reads is whole; written out and read again it is the same. The first byte chooses options.

#include <string>

#include "src/dataset/table.h"
#include "tests/fuzz/tables.h"

namespace iris {
namespace {

std::string Write(const Dataset& table) {
  const auto& features = std::get<SparseMatrix>(table.features);
  std::string text;
  for (std::size_t i = 0; i < features.rows(); ++i) {
    text += table.class_names[static_cast<std::size_t>(table.labels[i])];
    const SparseRow row = features.row(i);
    for (std::size_t j = 0; j < row.columns.size(); ++j) {
      text += ' ' + std::to_string(row.columns[j] + 1) + ':' + FormatDouble(row.values[j]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  if (size == 0) return 0;
  TableOptions options;
  options.format = (data[0] & 1) != 0 ? TableFormat::kAuto : TableFormat::kLibsvm;
  options.class_order = (data[0] & 2) != 0 ? ClassOrder::kSorted : ClassOrder::kFirstAppearance;
  options.feature_count = (data[0] & 4) != 0 ? 7 : 0;
  options.max_features = 1000;  // names are made for each: more would only take time
  const Result<Dataset> table = ParseTable(fuzz::Text(data + 1, size - 1), "origin", options);
  if (!table) {
    fuzz::RequireMessage(table.error().message);
    return 0;
  }
  fuzz::RequireWhole(*table);
  if (!std::holds_alternative<SparseMatrix>(table->features)) return 0;  // it was CSV
  fuzz::Require(options.feature_count == 0 || table->feature_count() == options.feature_count, "as many as asked for");

  // Zeros are not stored, and a text of labels alone is refused for what it most likely is: another format.
  if (std::get<SparseMatrix>(table->features).values.empty()) return 0;
  options.format = TableFormat::kLibsvm;
  options.feature_count = table->feature_count();
  const std::string written = Write(*table);
  const Result<Dataset> again = ParseTable(written, "again", options);
  fuzz::Require(again && fuzz::Same(*table, *again), "what was written reads the same",
                again ? "" : again.error().message);

  const ModelColumns model{table->feature_names, table->class_names};
  const Result<Dataset> seen = ParseTableFor(model, written, "seen", options);
  fuzz::Require(seen && fuzz::Same(*table, *seen), "a model of these columns sees the same",
                seen ? "" : seen.error().message);
  return 0;
}
