// SPDX-License-Identifier: Apache-2.0
//
// Our trainer on a table: fit_ours table=FILE|iris weights=FILE [cost= loss= penalty= threads= repeat= solver= trace=]
// Timed is Train() as the product calls it, certificate included; with solver=1 a second pass times the solver alone,
// with trace=1 what the trainer tells of its progress is kept: when, and what share of the objective is left to gain.

#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "arguments.h"
#include "measurement.h"
#include "src/dataset/dataset.h"
#include "src/dataset/iris.h"
#include "src/svm/binary_problem.h"
#include "src/svm/hinge.h"
#include "src/svm/l1.h"
#include "src/svm/squared_hinge.h"
#include "src/svm/trainer.h"
#include "table_file.h"

namespace iris::bench {
namespace {

Dataset ReadTable(const std::string& path) {
  TableFile file = TableFile::Open(path);
  const TableHeader header = file.ReadHeader();
  Dataset dataset;
  dataset.labels = file.ReadLabels(header);
  for (std::size_t j = 0; j < header.columns; ++j) dataset.feature_names.push_back("f" + std::to_string(j));
  for (std::size_t c = 0; c < header.classes; ++c) dataset.class_names.push_back(std::to_string(c));
  if (header.sparse == 0) {
    DenseMatrix matrix{header.columns, std::vector<double>(header.stored)};
    file.Read(matrix.values.data(), header.stored);
    dataset.features = std::move(matrix);
    return dataset;
  }
  SparseMatrix matrix;
  matrix.columns = header.columns;
  matrix.starts.resize(header.samples + 1);
  matrix.indices.resize(header.stored);
  matrix.values.resize(header.stored);
  file.Read(matrix.starts.data(), matrix.starts.size());
  file.Read(matrix.indices.data(), header.stored);
  file.SkipPadding<std::uint32_t>(header.stored);
  file.Read(matrix.values.data(), header.stored);
  dataset.features = std::move(matrix);
  return dataset;
}

/// The solver alone, as the trainer calls it, on every row of the model.
bool Solve(const Dataset& dataset, const TrainOptions& options, ThreadTeam& team) {
  const SolverRun run{team};
  const std::size_t classes = dataset.class_names.size();
  std::vector<double> signs(dataset.samples());
  const std::vector<double> costs(dataset.samples(), options.cost);
  for (std::size_t c = classes == 2 ? 1 : 0; c < classes; ++c) {
    for (std::size_t i = 0; i < signs.size(); ++i) {
      signs[i] = static_cast<std::size_t>(dataset.labels[i]) == c ? 1.0 : -1.0;
    }
    const BinaryProblem problem{dataset.features, signs, costs, 1.0};
    const Result<BinarySolution> solution = options.loss == Loss::kHinge       ? SolveHinge(problem, run)
                                            : options.penalty == Penalty::kL1 ? SolveL1(problem, run)
                                                                               : SolveSquaredHinge(problem, run);
    if (!solution) return false;
  }
  return true;
}

std::string Certificates(const Model& model) {
  std::vector<double> primal, dual, steps;
  for (const Certificate& certificate : model.certificates) {
    primal.push_back(certificate.objective);
    dual.push_back(certificate.dual_objective);
    steps.push_back(static_cast<double>(certificate.steps));
  }
  return ",\"certified_objective\":" + JsonArray(primal) + ",\"certified_bound\":" + JsonArray(dual) +
         ",\"steps\":" + JsonArray(steps);
}

std::vector<double> Rows(const Model& model) {
  std::vector<double> rows;
  for (std::size_t r = 0; r < model.rows(); ++r) {
    const std::span<const double> row = model.row(r);
    rows.insert(rows.end(), row.begin(), row.end());
    rows.push_back(model.bias[r]);
  }
  return rows;
}

int Run(const Arguments& arguments) {
  TrainOptions options;
  options.cost = arguments.Number("cost", 1.0);
  if (arguments.Text("loss") == "hinge") options.loss = Loss::kHinge;
  if (arguments.Text("penalty") == "l1") options.penalty = Penalty::kL1;
  TrainRun run;
  run.threads = static_cast<unsigned>(arguments.Number("threads", 0));
  const int repeat = static_cast<int>(arguments.Number("repeat", 1));

  Measurement measured;
  measured.memory_before_table = MemoryBytes("VmRSS");
  const std::string path = arguments.Text("table");
  const Dataset dataset = path == "iris" ? LoadIris() : ReadTable(path);
  measured.memory_with_table = MemoryBytes("VmRSS");

  std::vector<double> when, left;
  double start = 0.0;
  if (arguments.Number("trace", 0) != 0) {
    run.on_progress = [&](const TrainProgress& progress) {
      when.push_back(WallSeconds() - start);
      left.push_back(progress.left);
    };
  }
  Model model;
  for (int i = 0; i < repeat; ++i) {
    const double processor = ProcessorSeconds();
    start = WallSeconds();
    Result<Model> trained = Train(dataset, options, run);
    measured.seconds.push_back(WallSeconds() - start);
    measured.processor_seconds.push_back(ProcessorSeconds() - processor);
    if (!trained) {
      std::fprintf(stderr, "%s\n", trained.error().message.c_str());
      return 1;
    }
    model = *std::move(trained);
    run.on_progress = {};  // of the first fit alone
  }
  measured.memory_peak = MemoryBytes("VmHWM");

  std::vector<double> solver;
  for (int i = 0; i < repeat && arguments.Number("solver", 0) != 0; ++i) {
    start = WallSeconds();
    ThreadTeam team(run.threads);
    if (!Solve(dataset, options, team)) return 1;
    solver.push_back(WallSeconds() - start);
  }
  WriteWeights(arguments.Text("weights"), Rows(model));
  measured.Print(Certificates(model) + ",\"solver_seconds\":" + JsonArray(solver) +
                 ",\"progress_seconds\":" + JsonArray(when) + ",\"progress_left\":" + JsonArray(left));
  return 0;
}

}  // namespace
}  // namespace iris::bench

int main(int argc, char** argv) { return iris::bench::Run({argc, argv}); }
