// SPDX-License-Identifier: Apache-2.0
//
// How good a contender's weights are, the same for all and of no contender's code:
//   score table=FILE weights=FILE [cost= loss=squared_hinge|hinge penalty=l2|l1]
// Sums in long double (64 bits of mantissa). For each row of the model, r_i = 1 − s_i w̃·x̃_i, w̃ the weights with the
// intercept, which is penalised as all contenders do:
//   objective  P = penalty(w̃) + C Σ max(0, r_i)^q
//   violation  squared hinge: the norm of the smallest subgradient of P (with L2 the gradient). Hinge: not given, since
//              it depends on how the samples that lie on the margin are weighted
//   bound      what no weights go below, from the dual point α_i = 2 C max(0, r_i), for L1 shrunk until feasible:
//              with L2 P − ½‖∇P‖², with L1 the dual objective. Hinge: not given

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "arguments.h"
#include "table_file.h"

namespace iris::bench {
namespace {

using Number = long double;

struct Table {
  TableHeader header;
  std::vector<std::int32_t> labels;
  std::vector<std::uint64_t> starts;
  std::vector<std::uint32_t> indices;
  std::vector<double> values;
};

Table ReadTable(const std::string& path) {
  TableFile file = TableFile::Open(path);
  Table table;
  table.header = file.ReadHeader();
  table.labels = file.ReadLabels(table.header);
  const std::size_t stored = table.header.stored;
  if (table.header.sparse != 0) {
    table.starts.resize(table.header.samples + 1);
    table.indices.resize(stored);
    file.Read(table.starts.data(), table.starts.size());
    file.Read(table.indices.data(), stored);
    file.SkipPadding<std::uint32_t>(stored);
  }
  table.values.resize(stored);
  file.Read(table.values.data(), stored);
  return table;
}

/// Calls with(column, value) for each stored value of sample `i`.
template <typename With>
void ForRow(const Table& table, std::size_t i, With with) {
  const std::size_t columns = table.header.columns;
  if (table.header.sparse == 0) {
    for (std::size_t j = 0; j < columns; ++j) with(j, table.values[i * columns + j]);
  } else {
    for (std::size_t k = table.starts[i]; k < table.starts[i + 1]; ++k) with(table.indices[k], table.values[k]);
  }
}

struct Score {
  Number objective = 0;
  Number violation = -1;  // not given
  Number bound = -1;
};

struct Asked {
  Number cost = 1;
  bool hinge = false;
  bool l1 = false;
};

/// Of one row: w, `columns` weights and the intercept, for class `positive` against the rest.
Score ScoreRow(const Table& table, const double* w, std::int32_t positive, const Asked& asked) {
  const std::size_t columns = table.header.columns;
  std::vector<Number> pull(columns + 1, 0);  // Σ α_i s_i x̃_i
  Number losses = 0, duals = 0, squared_duals = 0;
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    const Number sign = table.labels[i] == positive ? 1 : -1;
    Number decision = w[columns];
    ForRow(table, i, [&](std::size_t j, double x) { decision += static_cast<Number>(w[j]) * x; });
    const Number residual = std::max<Number>(0, 1 - sign * decision);
    losses += asked.hinge ? residual : residual * residual;
    if (residual <= 0 || asked.hinge) continue;
    const Number dual = 2 * asked.cost * residual;
    duals += dual;
    squared_duals += dual * dual;
    ForRow(table, i, [&](std::size_t j, double x) { pull[j] += dual * sign * x; });
    pull[columns] += dual * sign;
  }
  Score score;
  Number squares = 0, absolutes = 0;
  for (std::size_t j = 0; j <= columns; ++j) {
    squares += static_cast<Number>(w[j]) * w[j];
    absolutes += std::fabs(static_cast<Number>(w[j]));
  }
  score.objective = (asked.l1 ? absolutes : squares / 2) + asked.cost * losses;
  if (asked.hinge) return score;

  Number violation = 0, strongest = 0;
  for (std::size_t j = 0; j <= columns; ++j) {
    Number part = w[j] - pull[j];
    if (asked.l1) {
      part = w[j] != 0 ? std::copysign(Number{1}, static_cast<Number>(w[j])) - pull[j]
                       : std::max<Number>(0, std::fabs(pull[j]) - 1);
    }
    violation += part * part;
    strongest = std::max(strongest, std::fabs(pull[j]));
  }
  score.violation = std::sqrt(violation);
  const Number quarter = squared_duals / (4 * asked.cost);
  if (!asked.l1) {
    score.bound = score.objective - violation / 2;
  } else if (duals > 0) {
    const Number shrink = std::min(duals / (2 * quarter), 1 / strongest);
    score.bound = shrink * duals - shrink * shrink * quarter;
  }
  return score;
}

int Run(const Arguments& arguments) {
  const Table table = ReadTable(arguments.Text("table"));
  const Asked asked{arguments.Number("cost", 1.0), arguments.Text("loss") == "hinge",
                    arguments.Text("penalty") == "l1"};
  const std::size_t rows = table.header.classes == 2 ? 1 : table.header.classes;
  const std::size_t width = table.header.columns + 1;
  std::vector<double> weights(rows * width);
  TableFile::Open(arguments.Text("weights")).Read(weights.data(), weights.size());
  for (std::size_t r = 0; r < rows; ++r) {
    const auto positive = static_cast<std::int32_t>(rows == 1 ? 1 : r);
    const Score score = ScoreRow(table, weights.data() + r * width, positive, asked);
    std::printf("%s{\"objective\":%.21Lg,\"violation\":%.6Lg,\"bound\":%.21Lg}", r == 0 ? "[" : ",", score.objective,
                score.violation, score.bound);
  }
  std::printf("]\n");
  return 0;
}

}  // namespace
}  // namespace iris::bench

int main(int argc, char** argv) { return iris::bench::Run({argc, argv}); }
