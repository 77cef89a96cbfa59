// SPDX-License-Identifier: Apache-2.0
//
// The output tensors of a ModelInferResponse: chosen by the request, then written block by block to where they stand in
// the response. n: rows of the input.
//
//   label         INT32  [n]                      index of the predicted class; the default
//   class         BYTES  [n]                      its name
//   decision      FP64   [n, classes]             class_values.h
//   contribution  FP64   [n, classes, features]   class_values.h; its parameters "bias[k]" complete the sum
//
// As bytes: little-endian, row-major; each of BYTES with its length before it, in 4 bytes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/inference.pb.h"
#include "src/base/error.h"
#include "src/inference/prediction_tally.h"
#include "src/svm/model.h"

namespace iris {

enum class OutputKind { kLabel, kClass, kDecision, kContribution };
inline constexpr std::size_t kOutputKinds = 4;

std::string_view OutputName(OutputKind kind);
std::string_view OutputDatatype(OutputKind kind);

/// Dimensions for `rows` rows (-1: any number).
std::vector<std::int64_t> OutputShape(OutputKind kind, const Model& model, std::int64_t rows);

/// What the request asks for, in its order. Errors: kInvalidArgument naming an output that there is not, or that is
/// asked for twice.
Result<std::vector<OutputKind>> ReadOutputs(const inference::ModelInferRequest& request);

/// Bytes that the values alone will take in a reply, at least: exact but for the lengths of class names. The largest
/// number there is where it overflows.
std::uint64_t LeastOutputBytes(const Model& model, std::span<const OutputKind> outputs, std::size_t rows, bool raw);

/// Fills a response, all rows in order. Borrows the model and the response, which nothing else may change meanwhile.
class OutputWriter {
 public:
  /// Adds the tensors and makes room for their values.
  OutputWriter(const Model& model, std::span<const OutputKind> outputs, std::size_t rows, bool raw,
               inference::ModelInferResponse& response);

  /// Writes the values of the next `rows` rows. Shape of x: rows × features, all finite.
  void Write(std::size_t rows, std::span<const double> x);

  /// Of what was written; none when no output asks for classes.
  const RowsByClass& rows_by_class() const { return rows_by_class_; }

 private:
  // Where the next values go.
  struct Destination {
    OutputKind kind;
    char* next;                                 // of numbers
    std::string* raw_names;                     // of kClass
    inference::InferTensorContents* typed_names;  // of kClass
  };

  void WriteNames(const Destination& to, std::span<const std::int32_t> labels) const;

  const Model& model_;
  std::vector<Destination> destinations_;
  bool needs_labels_ = false;
  std::vector<std::int32_t> labels_;  // of one block
  RowsByClass rows_by_class_;
  std::vector<double> values_;        // of one block and output
};

}  // namespace iris
