// SPDX-License-Identifier: Apache-2.0

#include "src/inference/tensor_output.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "src/base/text.h"
#include "src/inference/class_values.h"
#include "src/inference/field_error.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

using inference::InferTensorContents;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

struct KindName {
  std::string_view name;
  std::string_view datatype;
};

constexpr std::array<KindName, kOutputKinds> kNames = {
    {{"label", "INT32"}, {"class", "BYTES"}, {"decision", "FP64"}, {"contribution", "FP64"}}};

constexpr std::size_t kLengthBytes = 4;  // before each of BYTES

bool IsFp64(OutputKind kind) { return kind == OutputKind::kDecision || kind == OutputKind::kContribution; }

// Values of one row.
std::uint64_t RowValues(OutputKind kind, const Model& model) {
  std::uint64_t values = 1;
  if (IsFp64(kind)) values *= model.class_names.size();
  if (kind == OutputKind::kContribution) values *= model.feature_count();
  return values;
}

std::uint64_t LeastRowBytes(OutputKind kind, const Model& model, bool raw) {
  if (kind == OutputKind::kLabel) return raw ? sizeof(std::int32_t) : 1;
  if (IsFp64(kind)) return RowValues(kind, model) * sizeof(double);
  const auto shortest = std::ranges::min_element(model.class_names, {}, &std::string::size);
  return shortest->size() + (raw ? kLengthBytes : 2);
}

// Room for `count` numbers in the typed field of `kind`.
char* MakeTypedRoom(InferTensorContents& contents, OutputKind kind, int count) {
  if (kind == OutputKind::kLabel) {
    contents.mutable_int_contents()->Resize(count, 0);
    return reinterpret_cast<char*>(contents.mutable_int_contents()->mutable_data());
  }
  contents.mutable_fp64_contents()->Resize(count, 0.0);
  return reinterpret_cast<char*>(contents.mutable_fp64_contents()->mutable_data());
}

char* MakeRawRoom(std::string& bytes, OutputKind kind, std::size_t count) {
  bytes.resize(count * (kind == OutputKind::kLabel ? sizeof(std::int32_t) : sizeof(double)));
  return bytes.data();
}

void AddBiases(const Model& model, ModelInferResponse::InferOutputTensor& tensor) {
  for (std::size_t k = 0; k < model.class_names.size(); ++k) {
    (*tensor.mutable_parameters())[ElementPath("bias", k)].set_double_param(ClassBias(model, k));
  }
}

}  // namespace

std::string_view OutputName(OutputKind kind) { return kNames[static_cast<std::size_t>(kind)].name; }

std::string_view OutputDatatype(OutputKind kind) { return kNames[static_cast<std::size_t>(kind)].datatype; }

std::vector<std::int64_t> OutputShape(OutputKind kind, const Model& model, std::int64_t rows) {
  std::vector<std::int64_t> shape = {rows};
  if (IsFp64(kind)) shape.push_back(static_cast<std::int64_t>(model.class_names.size()));
  if (kind == OutputKind::kContribution) shape.push_back(static_cast<std::int64_t>(model.feature_count()));
  return shape;
}

Result<std::vector<OutputKind>> ReadOutputs(const ModelInferRequest& request) {
  if (request.outputs_size() == 0) return std::vector{OutputKind::kLabel};
  std::vector<OutputKind> outputs;
  for (int i = 0; i < request.outputs_size(); ++i) {
    const std::string& name = request.outputs(i).name();
    const std::string path = Concat({ElementPath("outputs", static_cast<std::size_t>(i)), ".name"});
    const auto found = std::ranges::find(kNames, name, &KindName::name);
    if (found == kNames.end()) {
      return FailTensor(Quote(name), path,
                        "no output has this name; expected \"label\", \"class\", \"decision\" or \"contribution\"");
    }
    const auto kind = static_cast<OutputKind>(found - kNames.begin());
    if (std::ranges::find(outputs, kind) != outputs.end()) {
      return FailTensor(Quote(name), path, "asked for twice, expected once");
    }
    outputs.push_back(kind);  // four at most
  }
  return outputs;
}

std::uint64_t LeastOutputBytes(const Model& model, std::span<const OutputKind> outputs, std::size_t rows, bool raw) {
  std::uint64_t row_bytes = 0;
  for (const OutputKind kind : outputs) row_bytes += LeastRowBytes(kind, model, raw);
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(row_bytes, rows, &bytes)) return std::numeric_limits<std::uint64_t>::max();
  return bytes;
}

OutputWriter::OutputWriter(const Model& model, std::span<const OutputKind> outputs, std::size_t rows, bool raw,
                           ModelInferResponse& response)
    : model_(model) {
  for (const OutputKind kind : outputs) {
    auto& tensor = *response.add_outputs();
    tensor.set_name(std::string(OutputName(kind)));
    tensor.set_datatype(std::string(OutputDatatype(kind)));
    for (const std::int64_t size : OutputShape(kind, model, static_cast<std::int64_t>(rows))) tensor.add_shape(size);
    if (kind == OutputKind::kContribution) AddBiases(model, tensor);
    Destination to{kind, nullptr, nullptr, nullptr};
    const std::size_t count = rows * RowValues(kind, model);
    if (raw) {
      std::string& bytes = *response.add_raw_output_contents();
      if (kind == OutputKind::kClass) {
        to.raw_names = &bytes;
      } else {
        to.next = MakeRawRoom(bytes, kind, count);
      }
    } else {
      if (kind == OutputKind::kClass) {
        to.typed_names = tensor.mutable_contents();
      } else {
        to.next = MakeTypedRoom(*tensor.mutable_contents(), kind, static_cast<int>(count));
      }
    }
    needs_labels_ = needs_labels_ || !IsFp64(kind);
    destinations_.push_back(to);
  }
  if (needs_labels_) rows_by_class_ = RowsByClass(model.class_names.size());
}

void OutputWriter::WriteNames(const Destination& to, std::span<const std::int32_t> labels) const {
  for (const std::int32_t label : labels) {
    const std::string& name = model_.class_names[static_cast<std::size_t>(label)];
    if (to.typed_names != nullptr) {
      to.typed_names->add_bytes_contents(name);
      continue;
    }
    const auto length = static_cast<std::uint32_t>(name.size());
    char prefix[kLengthBytes];
    std::memcpy(prefix, &length, sizeof prefix);
    to.raw_names->append(prefix, sizeof prefix).append(name);
  }
}

void OutputWriter::Write(std::size_t rows, std::span<const double> x) {
  const std::size_t features = model_.feature_count();
  const auto row = [&](std::size_t i) { return std::span(x.data() + i * features, features); };
  if (needs_labels_) {
    labels_.resize(rows);
    PredictBatch(model_, x, labels_);
    rows_by_class_.Count(labels_);
  }
  for (Destination& to : destinations_) {
    if (to.kind == OutputKind::kClass) {
      WriteNames(to, labels_);
      continue;
    }
    if (to.kind == OutputKind::kLabel) {
      const std::size_t bytes = rows * sizeof(std::int32_t);
      std::memcpy(to.next, labels_.data(), bytes);
      to.next += bytes;
      continue;
    }
    values_.resize(rows * static_cast<std::size_t>(RowValues(to.kind, model_)));
    if (to.kind == OutputKind::kDecision) {
      ClassDecisionsBatch(model_, x, values_);
    } else {
      const std::size_t row_values = values_.size() / rows;
      for (std::size_t i = 0; i < rows; ++i) {
        ClassContributions(model_, row(i), {values_.data() + i * row_values, row_values});
      }
    }
    const std::size_t bytes = values_.size() * sizeof(double);
    std::memcpy(to.next, values_.data(), bytes);
    to.next += bytes;
  }
}

}  // namespace iris
