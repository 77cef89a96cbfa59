// SPDX-License-Identifier: Apache-2.0
//
// Where newton.cc starts on a large table.
//
// Objective    that of newton.cc over every 32nd sample, with 32 times its cost: a sample of the sum of losses
// Inputs       at least 20 of the chosen samples for each feature, and a million values in all; else nothing is done
// Method       newton.cc, from 0
// Stops        when a step promises less than 1e-4 of the objective: its optimum is farther than that from the whole's
// Result       w̃; the whole problem is then solved to its own end from there, so the choice of samples decides time
//              only
// Complexity   a 32nd of the time of newton.cc; memory: a 32nd of the table

#include "src/svm/subsample.h"

#include <cstddef>
#include <utility>
#include <variant>

#include "src/svm/newton.h"

namespace iris {
namespace {

constexpr std::size_t kStride = 32;
constexpr std::size_t kSamplesPerFeature = 20;  // at least, or the subsample says little
constexpr std::size_t kWorthwhile = 1'000'000;  // values: below that all takes milliseconds anyway
constexpr double kEnough = 1e-4;  // of the objective: its own optimum is farther than that from the whole problem's

std::size_t RowsWith(std::size_t samples) { return (samples + kStride - 1) / kStride; }

Matrix EveryFew(const DenseMatrix& all) {
  DenseMatrix few;
  few.columns = all.columns;
  few.values.reserve(RowsWith(all.rows()) * all.columns);
  for (std::size_t i = 0; i < all.rows(); i += kStride) {
    const std::span<const double> row = all.row(i);
    few.values.insert(few.values.end(), row.begin(), row.end());
  }
  return few;
}

Matrix EveryFew(const SparseMatrix& all) {
  SparseMatrix few;
  few.columns = all.columns;
  for (std::size_t i = 0; i < all.rows(); i += kStride) {
    const SparseRow row = all.row(i);
    few.indices.insert(few.indices.end(), row.columns.begin(), row.columns.end());
    few.values.insert(few.values.end(), row.values.begin(), row.values.end());
    few.starts.push_back(few.values.size());
  }
  return few;
}

}  // namespace

std::vector<double> SolveSubsample(const BinaryProblem& problem, const SolverRun& run) {
  const std::size_t samples = problem.samples();
  const std::size_t features = problem.feature_count();
  if (samples / kStride < kSamplesPerFeature * (features + 1) || samples < kWorthwhile / (features + 1)) return {};
  const Matrix few = std::visit([](const auto& all) { return EveryFew(all); }, problem.features);
  std::vector<double> signs;
  std::vector<double> costs;
  for (std::size_t i = 0; i < samples; i += kStride) {
    signs.push_back(problem.signs[i]);
    costs.push_back(problem.costs[i] * static_cast<double>(kStride));
  }
  const BinaryProblem subsample{few, signs, costs, problem.intercept};
  Result<BinarySolution> solution = SolveByNewton(subsample, {{}, kEnough}, {run.team, {}});
  if (!solution) return {};  // the whole problem will say why
  return std::move(solution->weights);
}

}  // namespace iris
