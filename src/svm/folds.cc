// SPDX-License-Identifier: Apache-2.0
//
// How the samples are dealt. One generator, SplitMix64 started with the seed, serves the classes in their order. The
// samples of a class, in the order of the table, are shuffled (Fisher and Yates: for j from the last down to the
// second, swap j with one drawn from 0 to j) and dealt to the folds in turn, each class going on where the one before
// it stopped, which keeps the folds' sizes within one of each other. A number below n is drawn by taking numbers x
// until x ≥ 2⁶⁴ mod n, and x mod n of it, so that all are equally likely. Time: samples; memory: two integers a sample.
//
// The standard library's shuffle and distributions would deal differently on each implementation of it.
//
// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
// (SplitMix64); R. Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model selection",
// IJCAI 1995.

#include "src/svm/folds.h"

#include <string>
#include <utility>
#include <variant>

#include "src/base/text.h"

namespace iris {
namespace {

class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// Equally likely from 0 to n − 1. Requires: n ≥ 1.
  std::uint64_t Below(std::uint64_t n) {
    const std::uint64_t uneven = (0 - n) % n;  // 2⁶⁴ mod n
    std::uint64_t x = Next();
    while (x < uneven) x = Next();
    return x % n;
  }

 private:
  std::uint64_t state_;
};

std::unexpected<Error> TooFew(const std::string& name, std::size_t samples, std::size_t folds) {
  const std::string remedy = samples < 2 ? "add samples of this class, or take it out"
                                         : "take at most " + std::to_string(samples) + " folds, or add samples";
  return Fail(ErrorCode::kBadData, "class " + Quote(name) + ": found " + std::to_string(samples) +
                                       (samples == 1 ? " sample" : " samples") + ", expected at least " +
                                       std::to_string(folds) + ", one for each fold; " + remedy);
}

DenseMatrix TakeRows(const DenseMatrix& matrix, std::span<const std::size_t> rows) {
  DenseMatrix taken{.columns = matrix.columns, .values = {}};
  taken.values.reserve(rows.size() * matrix.columns);
  for (const std::size_t i : rows) {
    const std::span<const double> row = matrix.row(i);
    taken.values.insert(taken.values.end(), row.begin(), row.end());
  }
  return taken;
}

SparseMatrix TakeRows(const SparseMatrix& matrix, std::span<const std::size_t> rows) {
  SparseMatrix taken;
  taken.columns = matrix.columns;
  std::size_t stored = 0;
  for (const std::size_t i : rows) stored += matrix.row(i).values.size();
  taken.starts.reserve(rows.size() + 1);
  taken.indices.reserve(stored);
  taken.values.reserve(stored);
  for (const std::size_t i : rows) {
    const SparseRow row = matrix.row(i);
    taken.indices.insert(taken.indices.end(), row.columns.begin(), row.columns.end());
    taken.values.insert(taken.values.end(), row.values.begin(), row.values.end());
    taken.starts.push_back(taken.values.size());
  }
  return taken;
}

}  // namespace

Result<std::vector<std::uint32_t>> StratifiedFolds(const Dataset& dataset, std::size_t folds, std::uint64_t seed) {
  if (folds < 2) {
    return Fail(ErrorCode::kInvalidArgument, "found " + std::to_string(folds) + " folds, expected 2 or more");
  }
  std::vector<std::vector<std::size_t>> members(dataset.class_names.size());
  for (std::size_t i = 0; i < dataset.samples(); ++i) {
    members[static_cast<std::size_t>(dataset.labels[i])].push_back(i);
  }
  for (std::size_t c = 0; c < members.size(); ++c) {
    if (members[c].size() < folds) return TooFew(dataset.class_names[c], members[c].size(), folds);
  }

  SplitMix64 random(seed);
  std::vector<std::uint32_t> fold_of(dataset.samples());
  std::size_t next = 0;
  for (std::vector<std::size_t>& rows : members) {
    for (std::size_t j = rows.size(); j > 1; --j) std::swap(rows[j - 1], rows[random.Below(j)]);
    for (const std::size_t i : rows) {
      fold_of[i] = static_cast<std::uint32_t>(next);
      next = (next + 1) % folds;
    }
  }
  return fold_of;
}

Dataset TakePart(const Dataset& dataset, std::span<const std::uint32_t> fold_of, std::uint32_t fold, FoldPart part) {
  std::vector<std::size_t> rows;
  Dataset taken{.feature_names = dataset.feature_names,
                .class_names = dataset.class_names,
                .features = {},
                .labels = {},
                .sha256 = ""};
  for (std::size_t i = 0; i < dataset.samples(); ++i) {
    if ((fold_of[i] == fold) != (part == FoldPart::kTesting)) continue;
    rows.push_back(i);
    taken.labels.push_back(dataset.labels[i]);
  }
  taken.features = std::visit([&](const auto& matrix) -> Matrix { return TakeRows(matrix, rows); }, dataset.features);
  return taken;
}

}  // namespace iris
