// SPDX-License-Identifier: Apache-2.0

#include "src/svm/hinge_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <variant>

namespace iris {
namespace {

constexpr std::size_t kChunk = 256;            // samples whose coefficients are asked for at once
constexpr std::size_t kLargestPartialGram = 128;  // up to this order each block of samples has a matrix of its own
constexpr std::size_t kBands = 16;             // above, the threads share one matrix, each some of its rows

/// a·b in four interleaved sums, which two-wide registers add up in parallel; always in this order.
double Dot(const double* a, const double* b, std::size_t count) {
  double s0 = 0.0;
  double s1 = 0.0;
  double s2 = 0.0;
  double s3 = 0.0;
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    s0 += a[k] * b[k];
    s1 += a[k + 1] * b[k + 1];
    s2 += a[k + 2] * b[k + 2];
    s3 += a[k + 3] * b[k + 3];
  }
  for (; k < count; ++k) s0 += a[k] * b[k];
  return (s0 + s1) + (s2 + s3);
}

/// Rows of a DenseMatrix through raw pointers: the release library checks every vector index.
struct DenseRows {
  const double* values;
  std::size_t columns;
  double intercept;

  DenseRows(const DenseMatrix& matrix, double beta)
      : values(matrix.values.data()), columns(matrix.columns), intercept(beta) {}

  double Dot(std::size_t i, const double* v) const {
    return iris::Dot(values + i * columns, v, columns) + intercept * v[columns];
  }
  double Square(std::size_t i) const {
    const double* const x = values + i * columns;
    return iris::Dot(x, x, columns) + intercept * intercept;
  }
  void AddTo(std::size_t i, double scale, double* __restrict out) const {
    const double* const x = values + i * columns;
    for (std::size_t k = 0; k < columns; ++k) out[k] += scale * x[k];
    out[columns] += scale * intercept;
  }
  void AddSquaresTo(std::size_t i, double scale, double* __restrict out) const {
    const double* const x = values + i * columns;
    for (std::size_t k = 0; k < columns; ++k) out[k] += scale * x[k] * x[k];
    out[columns] += scale * intercept * intercept;
  }
};

/// Rows of a SparseMatrix.
struct SparseRows {
  const std::size_t* starts;
  const std::uint32_t* indices;
  const double* values;
  std::size_t columns;
  double intercept;

  SparseRows(const SparseMatrix& matrix, double beta)
      : starts(matrix.starts.data()),
        indices(matrix.indices.data()),
        values(matrix.values.data()),
        columns(matrix.columns),
        intercept(beta) {}

  double Dot(std::size_t i, const double* v) const {
    double sum = 0.0;
    for (std::size_t k = starts[i]; k < starts[i + 1]; ++k) sum += values[k] * v[indices[k]];
    return sum + intercept * v[columns];
  }
  double Square(std::size_t i) const {
    double sum = 0.0;
    for (std::size_t k = starts[i]; k < starts[i + 1]; ++k) sum += values[k] * values[k];
    return sum + intercept * intercept;
  }
  void AddTo(std::size_t i, double scale, double* out) const {
    for (std::size_t k = starts[i]; k < starts[i + 1]; ++k) out[indices[k]] += scale * values[k];
    out[columns] += scale * intercept;
  }
  void AddSquaresTo(std::size_t i, double scale, double* out) const {
    for (std::size_t k = starts[i]; k < starts[i + 1]; ++k) out[indices[k]] += scale * values[k] * values[k];
    out[columns] += scale * intercept * intercept;
  }
};

/// Calls body with DenseRows or SparseRows.
template <typename Body>
void WithRows(const BinaryProblem& problem, Body&& body) {
  if (const auto* dense = std::get_if<DenseMatrix>(&problem.features)) {
    body(DenseRows(*dense, problem.intercept));
  } else {
    body(SparseRows(std::get<SparseMatrix>(problem.features), problem.intercept));
  }
}

/// Calls body(i, coefficient) for the samples of a block whose coefficient is not 0.
template <typename Body>
void ForEachNonzero(const HingeRows::Coefficients& coefficients, SampleBlock block, Body&& body) {
  double chunk[kChunk];
  for (std::size_t begin = block.begin; begin < block.end; begin += kChunk) {
    const std::size_t end = std::min(block.end, begin + kChunk);
    coefficients({begin, end}, chunk);
    for (std::size_t i = begin; i < end; ++i) {
      if (chunk[i - begin] != 0.0) body(i, chunk[i - begin]);
    }
  }
}

/// Adds rows [first, last) of the upper triangle of Σ θ z zᵀ. Four samples share one pass over the triangle: a quarter
/// of the memory traffic.
class DenseGram {
 public:
  DenseGram(const DenseRows& rows, std::size_t first, std::size_t last, double* gram)
      : rows_(rows), order_(rows.columns + 1), first_(first), last_(last), gram_(gram), block_(8 * order_) {}

  void Add(std::size_t i, double theta) {
    double* const z = block_.data() + filled_ * order_;
    double* const scaled = z + 4 * order_;
    std::copy_n(rows_.values + i * rows_.columns, rows_.columns, z);
    z[order_ - 1] = rows_.intercept;
    for (std::size_t k = first_; k < order_; ++k) scaled[k] = theta * z[k];
    if (++filled_ == 4) Flush();
  }

  void Finish() {
    if (filled_ == 0) return;
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled_ * order_),
              block_.begin() + static_cast<std::ptrdiff_t>(4 * order_), 0.0);
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>((4 + filled_) * order_), block_.end(), 0.0);
    Flush();
  }

 private:
  void Flush() {
    const double* const z0 = block_.data();
    const double* const z1 = z0 + order_;
    const double* const z2 = z1 + order_;
    const double* const z3 = z2 + order_;
    for (std::size_t a = first_; a < last_; ++a) {
      const double y0 = z0[4 * order_ + a];
      const double y1 = z1[4 * order_ + a];
      const double y2 = z2[4 * order_ + a];
      const double y3 = z3[4 * order_ + a];
      double* const __restrict row = gram_ + a * order_;
      for (std::size_t b = a; b < order_; ++b) row[b] += (y0 * z0[b] + y1 * z1[b]) + (y2 * z2[b] + y3 * z3[b]);
    }
    filled_ = 0;
  }

  const DenseRows& rows_;
  std::size_t order_;
  std::size_t first_;
  std::size_t last_;
  double* gram_;
  std::vector<double> block_;  // four samples, then the same times θ
  std::size_t filled_ = 0;
};

class SparseGram {
 public:
  SparseGram(const SparseRows& rows, std::size_t first, std::size_t last, double* gram)
      : rows_(rows), order_(rows.columns + 1), first_(first), last_(last), gram_(gram) {}

  void Add(std::size_t i, double theta) {
    const std::size_t end = rows_.starts[i + 1];
    for (std::size_t a = rows_.starts[i]; a < end; ++a) {
      const std::size_t column = rows_.indices[a];
      if (column < first_ || column >= last_) continue;
      double* const row = gram_ + column * order_;
      const double scaled = theta * rows_.values[a];
      for (std::size_t b = a; b < end; ++b) row[rows_.indices[b]] += scaled * rows_.values[b];
      row[order_ - 1] += scaled * rows_.intercept;
    }
    if (last_ == order_) gram_[order_ * order_ - 1] += theta * rows_.intercept * rows_.intercept;
  }
  void Finish() {}

 private:
  const SparseRows& rows_;
  std::size_t order_;
  std::size_t first_;
  std::size_t last_;
  double* gram_;
};

inline DenseGram MakeGram(const DenseRows& rows, std::size_t first, std::size_t last, double* gram) {
  return {rows, first, last, gram};
}
inline SparseGram MakeGram(const SparseRows& rows, std::size_t first, std::size_t last, double* gram) {
  return {rows, first, last, gram};
}

}  // namespace

HingeRows::HingeRows(const BinaryProblem& problem, const SolverRun& run)
    : problem_(problem), run_(run), order_(problem.feature_count() + 1), blocks_(problem.features) {}

void HingeRows::Margins(std::span<const double> v, std::span<double> margins) const {
  const double* const signs = problem_.signs.data();
  WithRows(problem_, [&](const auto& rows) {
    ForEach([&](SampleBlock block) {
      for (std::size_t i = block.begin; i < block.end; ++i) margins.data()[i] = signs[i] * rows.Dot(i, v.data());
    });
  });
}

void HingeRows::Pull(const Coefficients& a, std::span<double> pull) const {
  const double* const signs = problem_.signs.data();
  std::ranges::fill(pull, 0.0);
  WithRows(problem_, [&](const auto& rows) {
    blocks_.Sum(run_.team, order_, pull.data(), partials_, [&](SampleBlock block, double* partial) {
      ForEachNonzero(a, block, [&](std::size_t i, double value) { rows.AddTo(i, signs[i] * value, partial); });
    });
  });
}

void HingeRows::GramProduct(const Coefficients& theta, std::span<const double> v, std::span<double> product) const {
  std::ranges::fill(product, 0.0);
  WithRows(problem_, [&](const auto& rows) {
    blocks_.Sum(run_.team, order_, product.data(), partials_, [&](SampleBlock block, double* partial) {
      ForEachNonzero(theta, block,
                     [&](std::size_t i, double value) { rows.AddTo(i, value * rows.Dot(i, v.data()), partial); });
    });
  });
}

void HingeRows::GramDiagonal(const Coefficients& theta, std::span<double> diagonal) const {
  std::ranges::fill(diagonal, 0.0);
  WithRows(problem_, [&](const auto& rows) {
    blocks_.Sum(run_.team, order_, diagonal.data(), partials_, [&](SampleBlock block, double* partial) {
      ForEachNonzero(theta, block, [&](std::size_t i, double value) { rows.AddSquaresTo(i, value, partial); });
    });
  });
}

void HingeRows::Gram(const Coefficients& theta, std::vector<double>& gram) const {
  gram.assign(order_ * order_, 0.0);
  WithRows(problem_, [&](const auto& rows) {
    if (order_ <= kLargestPartialGram) {
      blocks_.Sum(run_.team, order_ * order_, gram.data(), partials_, [&](SampleBlock block, double* partial) {
        auto sum = MakeGram(rows, 0, order_, partial);
        ForEachNonzero(theta, block, [&](std::size_t i, double value) { sum.Add(i, value); });
        sum.Finish();
      });
      return;
    }
    run_.team.ForEach(kBands, [&](std::size_t band) {
      // Bands of about the same area of the triangle: the first rows are the longest.
      const auto edge = [&](std::size_t b) {
        const double share = 1.0 - std::sqrt(1.0 - static_cast<double>(b) / kBands);
        return b == kBands ? order_ : static_cast<std::size_t>(share * static_cast<double>(order_));
      };
      auto sum = MakeGram(rows, edge(band), edge(band + 1), gram.data());
      ForEachNonzero(theta, {0, samples()}, [&](std::size_t i, double value) { sum.Add(i, value); });
      sum.Finish();
    });
  });
}

void HingeRows::CopyRow(std::size_t i, double scale, double* row) const {
  std::fill_n(row, order_, 0.0);
  WithRows(problem_, [&](const auto& rows) { rows.AddTo(i, scale * problem_.signs[i], row); });
}

double HingeRows::Square(std::size_t i) const {
  double square = 0.0;
  WithRows(problem_, [&](const auto& rows) { square = rows.Square(i); });
  return square;
}

}  // namespace iris
