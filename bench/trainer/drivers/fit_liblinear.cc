// SPDX-License-Identifier: Apache-2.0
//
// LIBLINEAR as a library, on the same table: fit_liblinear table=FILE weights=FILE solver=S [cost= eps= repeat=]
// Timed is train() alone. The nodes that it wants (16 bytes a value, and two more a sample for the intercept, -B 1, and
// the end mark) are made straight from the file, so that the table is in memory once, in its own form.

#include <linear.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "arguments.h"
#include "measurement.h"
#include "table_file.h"

namespace iris::bench {
namespace {

/// LIBLINEAR's form of a table. Borrowed by its problem().
class NodeTable {
 public:
  explicit NodeTable(const std::string& path) {
    TableFile file = TableFile::Open(path);
    header_ = file.ReadHeader();
    for (const std::int32_t label : file.ReadLabels(header_)) labels_.push_back(label);
    nodes_.resize(header_.stored + 2 * header_.samples);
    std::vector<std::uint64_t> starts(header_.samples + 1);
    if (header_.sparse != 0) {
      file.Read(starts.data(), starts.size());
    } else {
      for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i * header_.columns;
    }
    for (std::size_t i = 0; i < header_.samples; ++i) rows_.push_back(nodes_.data() + starts[i] + 2 * i);
    std::vector<std::uint32_t> indices;
    std::vector<double> values;
    for (std::size_t i = 0; i < header_.samples; ++i) {
      indices.resize(starts[i + 1] - starts[i]);
      if (header_.sparse != 0) file.Read(indices.data(), indices.size());
      for (std::size_t k = 0; k < indices.size(); ++k) {
        rows_[i][k].index = static_cast<int>(header_.sparse != 0 ? indices[k] : k) + 1;
      }
      rows_[i][indices.size()] = {static_cast<int>(header_.columns) + 1, 1.0};
      rows_[i][indices.size() + 1] = {-1, 0.0};
    }
    if (header_.sparse != 0) file.SkipPadding<std::uint32_t>(header_.stored);
    for (std::size_t i = 0; i < header_.samples; ++i) {
      values.resize(starts[i + 1] - starts[i]);
      file.Read(values.data(), values.size());
      for (std::size_t k = 0; k < values.size(); ++k) rows_[i][k].value = values[k];
    }
  }

  problem Problem() {
    const auto width = static_cast<int>(header_.columns) + 1;
    return {static_cast<int>(header_.samples), width, labels_.data(), rows_.data(), 1.0};
  }
  const TableHeader& header() const { return header_; }

 private:
  TableHeader header_;
  std::vector<double> labels_;
  std::vector<feature_node> nodes_;
  std::vector<feature_node*> rows_;
};

/// The model's rows in the order of the classes, the positive class's side positive; with two classes, class 1's alone.
std::vector<double> Rows(const model& fitted, const TableHeader& header) {
  const std::size_t width = header.columns + 1;
  const std::size_t classes = header.classes;
  std::vector<double> rows((classes == 2 ? 1 : classes) * width);
  for (std::size_t j = 0; j < width; ++j) {
    if (classes == 2) rows[j] = fitted.label[0] == 1 ? fitted.w[j] : -fitted.w[j];
    for (std::size_t c = 0; classes > 2 && c < classes; ++c) {
      rows[static_cast<std::size_t>(fitted.label[c]) * width + j] = fitted.w[j * classes + c];
    }
  }
  return rows;
}

int Run(const Arguments& arguments) {
  parameter asked{};
  asked.solver_type = static_cast<int>(arguments.Number("solver", L2R_L2LOSS_SVC));
  asked.C = arguments.Number("cost", 1.0);
  // The command's own defaults, by solver (linear's train.c).
  const bool dual = asked.solver_type == L2R_L2LOSS_SVC_DUAL || asked.solver_type == L2R_L1LOSS_SVC_DUAL;
  asked.eps = arguments.Number("eps", dual ? 0.1 : 0.01);
  asked.p = 0.1;
  const int repeat = static_cast<int>(arguments.Number("repeat", 1));
  set_print_string_function([](const char*) {});

  Measurement measured;
  measured.memory_before_table = MemoryBytes("VmRSS");
  NodeTable table(arguments.Text("table"));
  measured.memory_with_table = MemoryBytes("VmRSS");
  const problem to_solve = table.Problem();
  if (const char* wrong = check_parameter(&to_solve, &asked); wrong != nullptr) {
    std::fprintf(stderr, "%s\n", wrong);
    return 64;
  }
  std::vector<double> rows;
  for (int i = 0; i < repeat; ++i) {
    const double processor = ProcessorSeconds();
    const double start = WallSeconds();
    model* fitted = train(&to_solve, &asked);
    measured.seconds.push_back(WallSeconds() - start);
    measured.processor_seconds.push_back(ProcessorSeconds() - processor);
    rows = Rows(*fitted, table.header());
    free_and_destroy_model(&fitted);
  }
  measured.memory_peak = MemoryBytes("VmHWM");
  WriteWeights(arguments.Text("weights"), rows);
  measured.Print();
  return 0;
}

}  // namespace
}  // namespace iris::bench

int main(int argc, char** argv) { return iris::bench::Run({argc, argv}); }
