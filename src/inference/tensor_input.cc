// SPDX-License-Identifier: Apache-2.0

#include "src/inference/tensor_input.h"

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

#include "src/base/text.h"
#include "src/inference/field_error.h"

namespace iris {
namespace {

using inference::InferTensorContents;
using inference::ModelInferRequest;
using InputTensor = ModelInferRequest::InferInputTensor;

// One repeated field of InferTensorContents.
struct Field {
  const char* name;
  std::size_t count;
  const void* data;
};

template <typename Repeated>
Field MakeField(const char* name, const Repeated& values) {
  return {name, static_cast<std::size_t>(values.size()), values.data()};
}

// In the order of ContentsField.
std::array<Field, kContentsFields> Fields(const InferTensorContents& contents) {
  return {MakeField("bool_contents", contents.bool_contents()),
          MakeField("int_contents", contents.int_contents()),
          MakeField("int64_contents", contents.int64_contents()),
          MakeField("uint_contents", contents.uint_contents()),
          MakeField("uint64_contents", contents.uint64_contents()),
          MakeField("fp32_contents", contents.fp32_contents()),
          MakeField("fp64_contents", contents.fp64_contents()),
          MakeField("bytes_contents", contents.bytes_contents())};
}

const Field& FieldOf(const Datatype& type, const std::array<Field, kContentsFields>& fields) {
  return fields[static_cast<std::size_t>(type.field)];
}

// "[2,4]"; of a long one its beginning.
std::string FormatShape(const InputTensor& tensor) {
  constexpr int kShown = 8;
  std::string text = "[";
  for (int i = 0; i < tensor.shape_size() && i < kShown; ++i) {
    if (i > 0) text += ",";
    text += std::to_string(tensor.shape(i));
  }
  text += tensor.shape_size() > kShown ? ",...]" : "]";
  return text;
}

// Exactly one tensor, with a name that is known.
Result<void> CheckNames(const ModelInferRequest& request) {
  if (request.inputs_size() == 0) {
    return FailField(ErrorCode::kInvalidArgument, "inputs: ", "inputs",
                     Concat({"found no tensor, expected one, \"", kInputName, "\""}));
  }
  for (int i = 0; i < request.inputs_size(); ++i) {
    const std::string& name = request.inputs(i).name();
    const std::string path = ElementPath("inputs", static_cast<std::size_t>(i));
    if (name != kInputName && name != kInputAlias) {
      return FailTensor(Quote(name), Concat({path, ".name"}),
                        Concat({"no input has this name; expected \"", kInputName, "\" (or \"", kInputAlias, "\")"}));
    }
    if (i == 0) continue;
    if (name == request.inputs(0).name()) {
      return FailTensor(Quote(name), Concat({path, ".name"}), "given twice, expected once");
    }
    return FailTensor(
        Quote(name), path,
        Concat({"a second input, expected one; \"", kInputAlias, "\" is another name of \"", kInputName, "\""}));
  }
  return {};
}

// Number of rows that the shape says, if it fits the model.
Result<std::size_t> ReadShape(const Model& model, const InputTensor& tensor, const std::string& quoted) {
  const std::size_t features = model.feature_count();
  const int rank = tensor.shape_size();
  const auto fits = [&](int i) { return std::cmp_equal(tensor.shape(i), features); };
  if (rank == 1 && fits(0)) return std::size_t{1};
  if (rank == 2 && fits(1) && tensor.shape(0) >= 0) return static_cast<std::size_t>(tensor.shape(0));
  const std::string number = std::to_string(features);
  return FailTensor(quoted, "inputs[0].shape",
                    Concat({"shape ", FormatShape(tensor), " does not fit; expected [n,", number,
                            "] with n of 0 or more, or [", number, "]"}));
}

// What the shape calls for, in units of `unit`; nothing where no 64-bit number is large enough.
std::optional<std::uint64_t> Expected(std::uint64_t rows, std::uint64_t features, std::uint64_t unit) {
  std::uint64_t total = 0;
  if (__builtin_mul_overflow(rows, features, &total) || __builtin_mul_overflow(total, unit, &total)) return {};
  return total;
}

std::string FormatExpected(const std::optional<std::uint64_t>& expected) {
  return expected ? std::to_string(*expected) : "more than any message holds";
}

Result<const char*> FindRaw(const ModelInferRequest& request, const Datatype& type, std::size_t rows,
                            std::size_t features, const std::string& quoted) {
  const InputTensor& tensor = request.inputs(0);
  if (tensor.has_contents()) {
    return FailTensor(quoted, "inputs[0].contents",
                      "contents and raw_input_contents are both given, expected one of them");
  }
  if (request.raw_input_contents_size() != 1) {
    return FailTensor(quoted, "raw_input_contents",
                      Concat({"raw_input_contents has ", std::to_string(request.raw_input_contents_size()),
                              " entries, expected 1, as many as there are inputs"}));
  }
  const std::string& bytes = request.raw_input_contents(0);
  const std::size_t size = StorageBytes(type.raw);
  const std::optional<std::uint64_t> expected = Expected(rows, features, size);
  if (expected == bytes.size()) return bytes.data();
  return FailTensor(quoted, "raw_input_contents[0]",
                    Concat({"raw_input_contents[0] has ", std::to_string(bytes.size()), " bytes, expected ",
                            FormatExpected(expected), " for shape ", FormatShape(tensor), " of ", type.name, ", ",
                            std::to_string(size), size == 1 ? " byte each" : " bytes each"}));
}

Result<const char*> FindTyped(const InputTensor& tensor, const Datatype& type, std::size_t rows, std::size_t features,
                              const std::string& quoted) {
  const std::array<Field, kContentsFields> fields = Fields(tensor.contents());
  const Field& own = FieldOf(type, fields);
  for (const Field& field : fields) {
    if (field.count == 0 || &field == &own) continue;
    return FailTensor(quoted, Concat({"inputs[0].contents.", field.name}),
                      Concat({field.name, " is given, but values of ", type.name, " go into ", own.name}));
  }
  const std::optional<std::uint64_t> expected = Expected(rows, features, 1);
  if (expected == own.count) return static_cast<const char*>(own.data);
  return FailTensor(quoted, Concat({"inputs[0].contents.", own.name}),
                    Concat({own.name, " has ", std::to_string(own.count), own.count == 1 ? " value" : " values",
                            ", expected ", FormatExpected(expected), " for shape ", FormatShape(tensor)}));
}

}  // namespace

Result<TensorInput> TensorInput::Read(const Model& model, const ModelInferRequest& request) {
  if (const auto named = CheckNames(request); !named) return std::unexpected(named.error());
  const InputTensor& tensor = request.inputs(0);
  TensorInput input;
  input.model_ = &model;
  input.quoted_name_ = Quote(tensor.name());
  input.raw_ = request.raw_input_contents_size() > 0;
  input.type_ = FindDatatype(tensor.datatype());
  if (input.type_ == nullptr) {
    return FailTensor(input.quoted_name_, "inputs[0].datatype",
                      Concat({"datatype ", Quote(tensor.datatype()), " is not taken; expected one of ",
                              DatatypeNames()}));
  }
  input.storage_ = input.raw_ ? input.type_->raw : input.type_->typed;
  const Result<std::size_t> rows = ReadShape(model, tensor, input.quoted_name_);
  if (!rows) return std::unexpected(rows.error());
  input.rows_ = *rows;
  const std::size_t features = model.feature_count();
  const Result<const char*> data =
      input.raw_ ? FindRaw(request, *input.type_, *rows, features, input.quoted_name_)
                 : FindTyped(tensor, *input.type_, *rows, features, input.quoted_name_);
  if (!data) return std::unexpected(data.error());
  input.data_ = *data;
  return input;
}

Result<void> TensorInput::Load(std::size_t first, std::span<double> out) const {
  const std::size_t features = model_->feature_count();
  assert(out.size() % features == 0 && first + out.size() / features <= rows_);
  const std::size_t size = StorageBytes(storage_);
  const char* const from = data_ + first * features * size;
  const std::size_t bad = ConvertValues(*type_, storage_, from, out.size(), out.data());
  if (bad == out.size()) return {};
  const std::size_t element = first * features + bad;
  const char* const field = FieldOf(*type_, Fields(InferTensorContents::default_instance())).name;
  return FailTensor(quoted_name_,
                    raw_ ? "raw_input_contents[0]" : ElementPath(Concat({"inputs[0].contents.", field}), element),
                    Concat({"value ", std::to_string(element), " (row ", std::to_string(element / features), ", ",
                            Quote(model_->feature_names[element % features]), ") ",
                            DescribeRefusedValue(*type_, storage_, from + bad * size)}));
}

}  // namespace iris
