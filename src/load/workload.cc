// SPDX-License-Identifier: Apache-2.0

#include "src/load/workload.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "inference/inference.pb.h"
#include "iris.pb.h"

namespace iris {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors as bytes are little-endian");

constexpr std::size_t kFeatures = 4;
constexpr std::size_t kMostQuestionBytes = std::size_t{4} << 20;  // all of them together

ml::IrisPredictRequest UnaryQuestion(const double* sample) {
  ml::IrisPredictRequest request;
  request.set_sepal_length(sample[0]);
  request.set_sepal_width(sample[1]);
  request.set_petal_length(sample[2]);
  request.set_petal_width(sample[3]);
  return request;
}

inference::ModelInferRequest BatchedQuestion(const Flowers& flowers, std::size_t first, std::size_t rows,
                                             const std::string& model_name) {
  inference::ModelInferRequest request;
  request.set_model_name(model_name);
  inference::ModelInferRequest::InferInputTensor& input = *request.add_inputs();
  input.set_name("input-0");
  input.set_datatype("FP64");
  input.add_shape(static_cast<std::int64_t>(rows));
  input.add_shape(kFeatures);
  request.add_outputs()->set_name("label");
  std::string& bytes = *request.add_raw_input_contents();
  bytes.reserve(rows * kFeatures * sizeof(double));
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t flower = (first + row) % flowers.species.size();
    const double* const sample = flowers.samples.data() + flower * kFeatures;
    bytes.append(reinterpret_cast<const char*>(sample), kFeatures * sizeof(double));
  }
  return request;
}

// The labels as bytes, or as numbers, whichever the server prefers.
bool ReadLabels(const inference::ModelInferResponse& response, std::vector<std::int32_t>& species) {
  if (response.outputs_size() != 1) return false;
  if (response.raw_output_contents_size() == 1) {
    const std::string& bytes = response.raw_output_contents(0);
    if (response.outputs(0).datatype() != "INT32" || bytes.size() % sizeof(std::int32_t) != 0) return false;
    species.resize(bytes.size() / sizeof(std::int32_t));
    std::memcpy(species.data(), bytes.data(), bytes.size());
    return true;
  }
  const auto& numbers = response.outputs(0).contents().int_contents();
  species.assign(numbers.begin(), numbers.end());
  return true;
}

}  // namespace

Workload::Workload(std::string path, const Flowers& flowers, std::size_t rows, bool batched)
    : path_(std::move(path)), rows_(rows), batched_(batched), flowers_(flowers.species.size()) {
  species_.resize(flowers_ + rows);
  for (std::size_t i = 0; i < species_.size(); ++i) species_[i] = flowers.species[i % flowers_];
}

Workload Workload::Unary(const Flowers& flowers) {
  Workload workload("/ml.IrisPredictor/PredictIrisSpecies", flowers, 1, false);
  for (std::size_t i = 0; i < workload.flowers_; ++i) {
    workload.questions_.push_back(Serialize(UnaryQuestion(flowers.samples.data() + i * kFeatures)));
  }
  return workload;
}

Workload Workload::Batched(const Flowers& flowers, std::size_t rows, const std::string& model_name) {
  Workload workload("/inference.GRPCInferenceService/ModelInfer", flowers, rows, true);
  const std::size_t fitting = kMostQuestionBytes / (rows * kFeatures * sizeof(double));
  const std::size_t count = std::clamp<std::size_t>(fitting, 1, workload.flowers_);
  for (std::size_t i = 0; i < count; ++i) {
    workload.questions_.push_back(Serialize(BatchedQuestion(flowers, workload.First(i), rows, model_name)));
  }
  return workload;
}

bool Workload::Read(const Bytes& answer, std::vector<std::int32_t>& species) const {
  if (batched_) {
    inference::ModelInferResponse response;
    return Parse(answer, response) && ReadLabels(response, species);
  }
  ml::IrisPredictReply reply;
  if (!Parse(answer, reply)) return false;
  species.assign(1, reply.species());
  return true;
}

}  // namespace iris
