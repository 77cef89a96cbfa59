// SPDX-License-Identifier: Apache-2.0
//
// What a load asks, over and over: messages made once, and the answers that a model predicts to them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/rpc/bytes.h"

namespace iris {

/// The flowers that are asked about. Shape of samples: n × 4, row-major, in cm; of species: n ≥ 1.
struct Flowers {
  std::vector<double> samples;
  std::vector<std::int32_t> species;  ///< What the model at hand predicts.
};

/// Immutable once made; shared const between threads.
class Workload {
 public:
  /// A call of ml.IrisPredictor/PredictIrisSpecies for each flower.
  static Workload Unary(const Flowers& flowers);

  /// Calls of inference.GRPCInferenceService/ModelInfer with `rows` ≥ 1 rows of FP64 each, as bytes, which go through
  /// the flowers again and again; as many different ones as fit into a few MiB. Asks for the output "label".
  static Workload Batched(const Flowers& flowers, std::size_t rows, const std::string& model_name);

  const std::string& path() const { return path_; }  ///< "/ml.IrisPredictor/PredictIrisSpecies"
  std::size_t rows() const { return rows_; }         ///< Of a call.
  std::size_t size() const { return questions_.size(); }
  const Bytes& question(std::size_t i) const { return questions_[i]; }  ///< One slice.
  std::span<const std::int32_t> expected(std::size_t i) const { return {species_.data() + First(i), rows_}; }

  /// Which flower row `row` of question `i` is.
  std::size_t Flower(std::size_t i, std::size_t row) const { return (First(i) + row) % flowers_; }

  /// The classes that an answer holds. False when it is none to such a question.
  bool Read(const Bytes& answer, std::vector<std::int32_t>& species) const;

 private:
  Workload(std::string path, const Flowers& flowers, std::size_t rows, bool batched);

  // Where question `i` begins among the flowers.
  std::size_t First(std::size_t i) const { return i * rows_ % flowers_; }

  std::string path_;
  std::size_t rows_;
  bool batched_;
  std::size_t flowers_;
  std::vector<std::int32_t> species_;  // of the flowers, repeated until every question's are in one piece
  std::vector<Bytes> questions_;
};

}  // namespace iris
