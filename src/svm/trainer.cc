// SPDX-License-Identifier: Apache-2.0

#include "src/svm/trainer.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/svm/binary_problem.h"
#include "src/svm/certificate.h"
#include "src/svm/certificate_hinge.h"
#include "src/svm/certificate_l1.h"
#include "src/svm/class_costs.h"
#include "src/svm/hinge.h"
#include "src/svm/l1.h"
#include "src/svm/sample_blocks.h"
#include "src/svm/solver_run.h"
#include "src/svm/squared_hinge.h"

namespace iris {
namespace {

std::unexpected<Error> Expected(const std::string& found, const std::string& expected) {
  return Fail(ErrorCode::kInvalidArgument, "found " + found + ", expected " + expected);
}

Result<void> CheckOptions(const TrainOptions& options) {
  if (!std::isfinite(options.cost) || options.cost <= 0.0) {
    return Expected("the cost " + FormatDouble(options.cost), "a finite number greater than 0, such as 1");
  }
  if (!std::isfinite(options.intercept_scaling) || options.intercept_scaling <= 0.0) {
    return Expected("the intercept scaling " + FormatDouble(options.intercept_scaling),
                    "a finite number greater than 0, such as 1");
  }
  if (options.loss == Loss::kHinge && options.penalty == Penalty::kL1) {
    return Expected("the hinge with the L1 penalty", "the squared hinge with L1, or the hinge with L2");
  }
  return {};
}

Result<void> CheckTable(const Dataset& dataset) {
  if (dataset.samples() == 0) return Fail(ErrorCode::kBadData, "found no samples to train on, expected at least two");
  if (dataset.feature_count() == 0) return Fail(ErrorCode::kBadData, "found no features, expected at least one");
  bool two_classes = false;
  for (const std::int32_t label : dataset.labels) two_classes = two_classes || label != dataset.labels.front();
  if (!two_classes) {
    const std::string& name = dataset.class_names[static_cast<std::size_t>(dataset.labels.front())];
    return Fail(ErrorCode::kBadData,
                "found samples of one class only (" + Quote(name) + "), expected at least two classes");
  }
  return {};
}

/// +1 for the samples of class `positive`, −1 for the rest. Shape: samples.
std::vector<double> Signs(std::span<const std::int32_t> labels, std::size_t positive) {
  std::vector<double> signs;
  signs.reserve(labels.size());
  for (const std::int32_t label : labels) signs.push_back(static_cast<std::size_t>(label) == positive ? 1.0 : -1.0);
  return signs;
}

/// A solver, the code that checks it, and what it must reach.
struct Method {
  Result<BinarySolution> (*solve)(const BinaryProblem&, const SolverRun&);
  Certificate (*certify)(const BinaryProblem&, const BinarySolution&, ThreadTeam&);
  double largest_relative_gap;
};

Method MethodFor(const TrainOptions& options) {
  if (options.loss == Loss::kHinge) return {SolveHinge, CertifyHinge, 1e-8};
  if (options.penalty == Penalty::kL1) return {SolveL1, CertifyL1, 1e-8};
  return {SolveSquaredHinge, CertifySquaredHinge, 1e-10};
}

/// One row of the model.
struct TrainedRow {
  std::vector<double> weights;  ///< Shape: features.
  double bias = 0.0;
  Certificate certificate;
};

/// What all rows have in common.
struct Task {
  const Dataset& dataset;
  const TrainOptions& options;
  std::vector<double> class_weights;
  Method method;

  /// The class that row `r` tells from the rest. With two classes the rows would be each other's negatives: class 1
  /// against class 0 says it all.
  std::size_t positive(std::size_t r) const { return class_weights.size() == 2 ? 1 : r; }
  std::size_t rows() const { return class_weights.size() == 2 ? 1 : class_weights.size(); }
};

Result<TrainedRow> TrainRow(const Task& task, std::size_t r, const SolverRun& run) {
  const std::size_t positive = task.positive(r);
  const std::string of_class = "class " + Quote(task.dataset.class_names[positive]) + ": ";
  const std::vector<double> signs = Signs(task.dataset.labels, positive);
  const std::vector<double> costs = SampleCosts(task.dataset, task.options.cost, task.class_weights, positive);
  const double intercept = task.options.fit_intercept ? task.options.intercept_scaling : 0.0;
  const BinaryProblem problem{task.dataset.features, signs, costs, intercept};
  Result<BinarySolution> solution = task.method.solve(problem, run);
  if (!solution) return Fail(solution.error().code, of_class + solution.error().message);
  const Certificate certificate = task.method.certify(problem, *solution, run.team);
  // Written so that a NaN fails it too.
  if (!(certificate.duality_gap <= task.method.largest_relative_gap * certificate.objective)) {
    return Fail(ErrorCode::kCheckFailed,
                of_class + "not at the optimum: the duality gap is " + FormatDouble(certificate.duality_gap) +
                    " of an objective of " + FormatDouble(certificate.objective) + ", expected a ratio of at most " +
                    FormatDouble(task.method.largest_relative_gap) +
                    ": scale the features to similar ranges, or lower the cost, the class weights or the intercept "
                    "scaling");
  }
  TrainedRow row{std::move(solution->weights), 0.0, certificate};
  row.bias = intercept * row.weights.back();
  row.weights.pop_back();
  return row;
}

/// Whether to train several rows at once, each on one thread, rather than one after another on all: where the table is
/// too small to share, and the work is worth the threads.
bool RowsSideBySide(const Task& task, ThreadTeam& team) {
  constexpr std::size_t kWorthThreads = 10'000'000;  // multiplications: some milliseconds
  const std::size_t values = task.dataset.samples() * task.dataset.feature_count();
  return task.rows() > 1 && values * task.rows() > kWorthThreads / (task.dataset.feature_count() + 1) &&
         SampleBlocks(task.dataset.features).count() < team.size();
}

std::vector<std::optional<Result<TrainedRow>>> TrainRows(const Task& task, const TrainRun& run) {
  std::vector<std::optional<Result<TrainedRow>>> rows(task.rows());
  std::mutex mutex;
  const auto train_row = [&](std::size_t r, ThreadTeam& team) {
    SolverRun solver{team, {}};
    if (run.on_progress) {
      solver.on_step = [&run, &mutex, &task, r](std::int64_t step, double left) {
        const std::lock_guard lock(mutex);
        run.on_progress({r, task.rows(), step, left});
      };
    }
    rows[r] = TrainRow(task, r, solver);
  };
  ThreadTeam team(run.threads);
  if (RowsSideBySide(task, team)) {
    team.ForEach(task.rows(), [&](std::size_t r) {
      ThreadTeam alone(1);
      train_row(r, alone);
    });
    return rows;
  }
  for (std::size_t r = 0; r < task.rows(); ++r) {
    train_row(r, team);
    if (!*rows[r]) break;
  }
  return rows;
}

}  // namespace

Result<Model> Train(const Dataset& dataset, const TrainOptions& options, const TrainRun& run) {
  if (Result<void> checked = CheckOptions(options); !checked) return std::unexpected(std::move(checked.error()));
  if (Result<void> checked = CheckTable(dataset); !checked) return std::unexpected(std::move(checked.error()));
  Result<std::vector<double>> class_weights = ClassWeights(dataset, options);
  if (!class_weights) return std::unexpected(std::move(class_weights.error()));

  Model model;
  model.class_names = dataset.class_names;
  model.feature_names = dataset.feature_names;
  model.options = options;
  model.data_sha256 = dataset.sha256;
  model.trained_by = run.program;
  const Task task{dataset, options, *std::move(class_weights), MethodFor(options)};
  for (std::optional<Result<TrainedRow>>& trained : TrainRows(task, run)) {
    Result<TrainedRow>& row = *trained;  // the first failure is the last that there is
    if (!row) return std::unexpected(std::move(row.error()));
    model.weights.insert(model.weights.end(), row->weights.begin(), row->weights.end());
    model.bias.push_back(row->bias);
    model.certificates.push_back(row->certificate);
  }
  return model;
}

}  // namespace iris
