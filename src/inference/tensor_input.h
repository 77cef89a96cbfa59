// SPDX-License-Identifier: Apache-2.0
//
// The input tensor of a ModelInferRequest: checked as a whole, then read block by block as doubles, from where it
// stands in the request.
//
// Rules (docs: tensors):
//   exactly one tensor, named kInputName or kInputAlias; a datatype of datatype.h;
//   shape [n, features], n ≥ 0, or [features] for one row;
//   its values either in contents, in the one field that goes with the datatype, or in raw_input_contents, one entry,
//   little-endian; row-major; as many as the shape says.

#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "inference/inference.pb.h"
#include "src/base/error.h"
#include "src/inference/datatype.h"
#include "src/svm/model.h"

namespace iris {

/// The input's announced name, as in the published requests to KServe's scikit-learn server.
inline constexpr char kInputName[] = "input-0";
/// Also taken: the name that MLServer's published requests give it.
inline constexpr char kInputAlias[] = "predict";

/// Borrows the model and the request. Safe from any thread.
class TensorInput {
 public:
  /// Checks all but the values themselves; allocates nothing that grows with what the request claims.
  /// Errors: kInvalidArgument naming the tensor, with one violation.
  static Result<TensorInput> Read(const Model& model, const inference::ModelInferRequest& request);

  std::size_t rows() const { return rows_; }
  /// Whether it came as bytes: the reply then does, too.
  bool raw() const { return raw_; }

  /// The rows from `first` on, as many as `out` holds, as doubles. Shape of out: rows × features. Requires: they are
  /// there.
  /// Errors: kInvalidArgument naming the first value that is NaN, infinite, out of its type's range or no double.
  Result<void> Load(std::size_t first, std::span<double> out) const;

 private:
  TensorInput() = default;

  const Model* model_ = nullptr;
  const Datatype* type_ = nullptr;
  const char* data_ = nullptr;  // rows_ × features values of storage_
  Storage storage_ = Storage::kFp64;
  std::size_t rows_ = 0;
  bool raw_ = false;
  std::string quoted_name_;
};

}  // namespace iris
