// SPDX-License-Identifier: Apache-2.0
//
// The linear SVM with hinge, small and large.
//
// Objective    P(w̃) = ½‖w̃‖² + Σ_i C_i max(0, r_i),  r_i = 1 − z_i·w̃,  z_i = s_i x̃_i,  w̃ = (w, v),  x̃ = (x, β)
//              strictly convex, with a kink where a residual is 0; the intercept is penalised with the weights
// Constraints  none. Dual: D(α) = Σ α_i − ½‖Σ α_i z_i‖², 0 ≤ α_i ≤ C_i
// Inputs       x: samples × features, s = ±1, C > 0, β ≥ 0
// Method       hinge_lagrangian.cc solves any table. Where there are many more samples than features, most of them are
//              far from their kinks, and which side they are on is known from a rough solution. So: solve a sixteenth
//              of the samples for a start (again in this way, if that is still many); keep the samples with the least
//              |r_i| as the working set; replace the loss of each other sample by the line that it is on, 0 or C_i r_i;
//              solve that exactly (again in this way); put every sample that turned out to be on the other side, and
//              those that came near, into the working set, and solve again. Lines lie below the hinge, so each of these
//              problems bounds P from below, and when no sample is on the wrong side the bound is P: the optimum. The
//              working set only grows, so this ends; usually after two to four rounds of two passes over the table.
//              Where features are more than 256, or outnumber the samples, coordinate descent with Newton steps on the
//              dual comes first (hinge_coordinates.cc), and usually is enough.
// Stops        when no sample outside the working set is on the other side of its kink; the problem of the working set
//              is solved to a gap of 1e-13 (hinge_lagrangian.cc). Where the working set outgrows a quarter of the
//              samples, the whole table is solved at once.
// Result       w̃, α, Newton steps of all the problems solved
// Complexity   time: 5 to 10 passes over a large table, and the small problems; memory: the working set's copy (about a
//              tenth of the table), 1 number and 1 byte a sample; 4 numbers a sample for the whole table at once.
//              Matrices:
//              up to 4096 features one of features² doubles (128 MiB). At most 2048 samples with more features than
//              samples are written in coordinates of the space that they span where rounding, or coordinate descent,
//              left too large a gap (hinge_span.cc): as much as a dense table (at most 256 MiB) and 48 MiB
// Source       T. Joachims, "Making large-scale SVM learning practical", Advances in Kernel Methods (1999), 169–184,
//              for working sets and shrinking; here the rest is bounded, not guessed.

#include "src/svm/hinge.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "src/svm/fine_products.h"
#include "src/svm/hinge_coordinates.h"
#include "src/svm/hinge_lagrangian.h"
#include "src/svm/hinge_rows.h"
#include "src/svm/hinge_span.h"
#include "src/svm/hinge_subset.h"

namespace iris {
namespace {

constexpr double kTarget = 1e-13;             // relative gap
constexpr double kDescentTarget = 1e-12;      // more digits are not worth their passes
constexpr double kRoughTarget = 1e-4;         // of the start: its optimum is not the table's anyway
constexpr std::size_t kFewestSamples = 8000;  // for working sets to pay
constexpr std::size_t kFewestOfFeature = 100;
constexpr std::size_t kWorkingShare = 16;     // the first working set is this part of the samples
constexpr std::size_t kLargestShare = 4;      // and the last
constexpr double kNear = 0.1;                 // of the first working set's band: what later rounds add beforehand
constexpr double kLeastWidth = 1e-6;          // of the kinks' rounding, where a band is no guide
constexpr double kWidthAfterDescent = 0.01;   // of that rounding where coordinate descent has come near
constexpr std::size_t kWide = 2048;            // features
constexpr std::size_t kMany = 256;             // from which on coordinate descent is tried first
constexpr std::size_t kFewSamples = 2048;
constexpr double kGoodEnough = 1e-9;           // relative gap: a tenth of what the trainer accepts
constexpr double kNearEnough = 1e-3;           // relative gap of a start that is better than none
constexpr std::size_t kLargestSpan = std::size_t{1} << 25;  // numbers: 256 MiB
constexpr std::size_t kRanked = 20000;        // samples that estimate that band

/// Where a sample is, or its loss is taken to be.
enum class Side : std::uint8_t { kNoLoss, kLoss, kWorking };

/// The half width of a band around the kinks that holds about one in `share` of the samples.
double Band(std::span<const double> residuals, std::size_t share) {
  const std::size_t stride = std::max<std::size_t>(1, residuals.size() / kRanked);
  std::vector<double> distances;
  for (std::size_t i = 0; i < residuals.size(); i += stride) distances.push_back(std::abs(residuals[i]));
  const auto rank = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / share);
  std::ranges::nth_element(distances, rank);
  return *rank;
}

/// A start at `weights` with the kinks of about one in `share` of the samples rounded off.
HingeStart StartAt(const HingePart& part, std::span<const double> weights, std::size_t share, const SolverRun& run) {
  std::vector<double> residuals(part.samples.samples());
  HingeRows(part.samples, run).Margins(weights, residuals);
  for (double& r : residuals) r = 1.0 - r;
  return {weights, {}, std::max(2.0 * Band(residuals, share), kLeastWidth)};
}

/// Whether there are so many more samples than features that most are far from their kinks.
bool Large(const HingePart& part) {
  const std::size_t samples = part.samples.samples();
  return samples >= kFewestSamples && samples / kFewestOfFeature > part.samples.feature_count();
}

/// `run` for a solver whose steps come after `steps` others.
SolverRun After(const SolverRun& run, std::int64_t steps) {
  return {run.team, [&run, steps](std::int64_t step, double left) { run.Report(steps + step, left); }};
}

/// The same for a solver of a part of the table, which does not know what is left of the whole.
SolverRun Within(const SolverRun& run, std::int64_t steps) {
  return {run.team, [&run, steps](std::int64_t step, double) { run.Report(steps + step, 1.0); }};
}

/// A point near the optimum of `part`: the optimum of a sixteenth of its samples, or of that near it (and so on), with
/// the kinks of all its samples then rounded off so that about a sixteenth of them are on the rounded parts, and the
/// optimum of that: a few Newton steps.
Result<BinarySolution> Approximate(const HingePart& part, std::span<const double> start, const SolverRun& run) {
  if (!Large(part)) return MinimiseHinge(part, {}, {.gap = kRoughTarget}, run);
  BinarySolution rough;
  if (start.empty()) {
    const HingeSubset subset(part.samples, ScatteredSamples(part.samples.samples()), double{kSampleRate});
    Result<BinarySolution> solution = Approximate({subset.problem(), part.pull, part.offset}, {}, Within(run, 0));
    if (!solution) return solution;
    rough = std::move(*solution);
    start = rough.weights;
  }
  Result<BinarySolution> solution = MinimiseHinge(part, StartAt(part, start, kWorkingShare, run),
                                                  {.gap = 0.0, .stages = 1}, After(run, rough.steps));
  if (solution) solution->steps += rough.steps;
  return solution;
}

Result<BinarySolution> Solve(const HingePart& part, std::span<const double> start, const SolverRun& run);

/// The rounds of working sets, on one table.
class Rounds {
 public:
  Rounds(const HingePart& part, const SolverRun& run)
      : part_(part),
        run_(run),
        rows_(part.samples, run),
        residuals_(part.samples.samples()),
        sides_(part.samples.samples(), Side::kNoLoss) {}

  Result<BinarySolution> Run(std::span<const double> start);

 private:
  bool Choose(double band);
  Result<BinarySolution> SolveWorkingSet();
  BinarySolution Whole(std::span<const double> working_dual) const;

  const HingePart& part_;
  const SolverRun& run_;
  HingeRows rows_;
  std::vector<double> weights_;
  std::vector<double> residuals_;     ///< r. Shape: samples.
  std::vector<Side> sides_;           ///< Shape: samples.
  std::vector<std::size_t> working_;  ///< Ascending.
  std::int64_t steps_ = 0;
};

/// Computes the residuals, and puts every sample on its side, those within `band` of their kinks or on another side
/// than they were taken to be into the working set. Result: whether there was one of the latter.
bool Rounds::Choose(double band) {
  rows_.Margins(weights_, residuals_);
  bool wrong = false;
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    double& r = residuals_.data()[i];
    Side& side = sides_.data()[i];
    r = 1.0 - r;
    if (side == Side::kWorking) continue;
    const Side now = r > 0.0 ? Side::kLoss : Side::kNoLoss;
    wrong = wrong || now != side;
    side = now != side && !working_.empty() ? Side::kWorking : now;
    if (std::abs(r) <= band) side = Side::kWorking;
  }
  working_.clear();
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    if (sides_[i] == Side::kWorking) working_.push_back(i);
  }
  return wrong;
}

/// Solves the working set from the current weights, which become its optimum.
Result<BinarySolution> Rounds::SolveWorkingSet() {
  const std::span<const double> costs = part_.samples.costs;
  std::vector<double> pull(rows_.order());
  rows_.Pull(
      [&](SampleBlock s, double* out) {
        for (std::size_t i = s.begin; i < s.end; ++i) out[i - s.begin] = sides_[i] == Side::kLoss ? costs[i] : 0.0;
      },
      pull);
  for (std::size_t k = 0; k < part_.pull.size(); ++k) pull[k] += part_.pull[k];
  double offset = part_.offset;
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    if (sides_[i] == Side::kLoss) offset += costs[i];
  }
  const HingeSubset subset(part_.samples, working_, 1.0);
  Result<BinarySolution> solution = Solve({subset.problem(), pull, offset}, weights_, Within(run_, steps_));
  if (solution) {
    steps_ += solution->steps;
    weights_ = solution->weights;
  }
  return solution;
}

/// The solution of the table from that of the working set.
BinarySolution Rounds::Whole(std::span<const double> working_dual) const {
  BinarySolution whole{
      .weights = weights_, .dual = std::vector<double>(sides_.size(), 0.0), .rounded_off = {}, .steps = steps_};
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    if (sides_[i] == Side::kLoss) whole.dual[i] = part_.samples.costs[i];
  }
  for (std::size_t j = 0; j < working_.size(); ++j) whole.dual[working_[j]] = working_dual[j];
  return whole;
}

Result<BinarySolution> Rounds::Run(std::span<const double> start) {
  Result<BinarySolution> solution = Approximate(part_, start, run_);
  if (!solution) return solution;
  weights_ = std::move(solution->weights);
  steps_ = solution->steps;
  solution->dual = {};  // large, and not needed again
  Choose(-1.0);
  const double band = Band(residuals_, kWorkingShare);
  Choose(band);
  while (working_.size() <= sides_.size() / kLargestShare) {
    solution = SolveWorkingSet();
    if (!solution) return solution;
    const std::vector<std::size_t> solved = working_;
    if (!Choose(kNear * band)) {
      working_ = solved;
      run_.Report(steps_, kTarget);
      return Whole(solution->dual);
    }
  }
  solution = MinimiseHinge(part_, {weights_, {}, std::max(band, kLeastWidth)}, {.gap = kTarget}, After(run_, steps_));
  if (solution) solution->steps += steps_;
  return solution;
}

/// The optimum of `part`. Shape of start: feature_count + 1, or 0.
Result<BinarySolution> Solve(const HingePart& part, std::span<const double> start, const SolverRun& run) {
  if (Large(part)) return Rounds(part, run).Run(start);
  const HingeStart from = start.empty() ? HingeStart{} : StartAt(part, start, 2, run);
  return MinimiseHinge(part, from, {.gap = kTarget}, run);
}

/// Whether there are more features than samples, and few enough of both for coordinates in the space of the samples.
bool FitsSpan(const BinaryProblem& problem) {
  return problem.samples() < problem.feature_count() && problem.samples() <= kFewSamples &&
         problem.samples() * problem.feature_count() <= kLargestSpan;
}

/// The optimum, found in these coordinates: a smaller problem, and one that the features' scales do not touch.
Result<BinarySolution> SolveInSpan(const BinaryProblem& problem, const SolverRun& run) {
  const HingeSpan span(problem, run);
  Result<BinarySolution> solution = Solve({span.problem(), {}, 0.0}, {}, run);
  if (solution) solution->weights = span.Weights(solution->weights);
  return solution;
}

/// The duality gap of a solution as a share of the objective. Residuals go in twice the digits: where C is large, a
/// rounding error of theirs is a loss.
double RelativeGap(const BinaryProblem& problem, const BinarySolution& solution, const SolverRun& run) {
  const HingeRows rows(problem, run);
  std::vector<double> residuals(rows.samples());
  const FineWeights weights{solution.weights, std::vector<double>(rows.order(), 0.0)};
  FineResiduals(problem, weights, SampleBlocks(problem.features), run.team, residuals);
  double objective = 0.0;
  double gap = 0.0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double r = residuals[i];
    objective += problem.costs[i] * std::max(0.0, r);
    gap += r > 0.0 ? (problem.costs[i] - solution.dual[i]) * r : -solution.dual[i] * r;
  }
  std::vector<double> pull(rows.order());
  const double* const alpha = solution.dual.data();
  rows.Pull([alpha](SampleBlock s, double* out) { std::copy(alpha + s.begin, alpha + s.end, out); }, pull);
  for (std::size_t k = 0; k < pull.size(); ++k) {
    const double w = solution.weights[k];
    objective += 0.5 * w * w;
    gap += 0.5 * (w - pull[k]) * (w - pull[k]);
  }
  return gap / objective;
}

/// The better of two solutions. Steps: of both.
Result<BinarySolution> Better(const BinaryProblem& problem, Result<BinarySolution> a, Result<BinarySolution> b,
                              const SolverRun& run) {
  if (!a || !b) return a ? b : a;
  const std::int64_t steps = a->steps + b->steps;
  Result<BinarySolution>& better = RelativeGap(problem, *b, run) < RelativeGap(problem, *a, run) ? b : a;
  better->steps = steps;
  return std::move(better);
}

/// The optimum of a problem with so many features that a matrix of them squared may not pay.
Result<BinarySolution> SolveWide(const BinaryProblem& problem, const SolverRun& run) {
  CoordinateDescent start = DescendCoordinates(problem, kDescentTarget, run);
  if (start.done) return std::move(start.solution);
  const std::int64_t passes = start.solution.steps;
  Result<BinarySolution> solution;
  if (FitsSpan(problem)) {
    solution = SolveInSpan(problem, After(run, passes));
  } else {
    HingeStart from;
    if (start.relative_gap <= kNearEnough) from = {start.solution.weights, start.solution.dual, kWidthAfterDescent};
    solution = MinimiseHinge({problem, {}, 0.0}, from, {.gap = kTarget}, After(run, passes));
  }
  return Better(problem, std::move(start.solution), std::move(solution), run);
}

}  // namespace

Result<BinarySolution> SolveHinge(const BinaryProblem& problem, const SolverRun& run) {
  double least = 1.0;
  const SolverRun falling{run.team, [&](std::int64_t step, double left) {
                            if (left < least) least = left;
                            run.Report(step, least);
                          }};
  const HingePart whole{problem, {}, 0.0};
  const bool many = problem.feature_count() > kMany || problem.feature_count() > problem.samples();
  const bool wide = problem.feature_count() > kWide;
  Result<BinarySolution> solution;
  if (wide || (many && !Large(whole))) {
    solution = SolveWide(problem, falling);
    if (wide || !solution || RelativeGap(problem, *solution, falling) <= kGoodEnough) return solution;
    return Better(problem, std::move(solution), Solve(whole, {}, After(falling, solution->steps)), falling);
  }
  return Solve(whole, {}, falling);
}

}  // namespace iris
