// SPDX-License-Identifier: Apache-2.0
//
// ModelInfer requests as clients make them, and replies read back: written for the tests alone.

#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catch_amalgamated.hpp"
#include "inference/inference.pb.h"

namespace iris {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

/// The bytes of `value`, least first.
template <typename T>
std::string Bytes(T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return {bytes, sizeof bytes};
}

/// `values`, one after the other, as T.
template <typename T>
std::string AllBytes(std::span<const double> values) {
  std::string bytes;
  for (const double value : values) bytes += Bytes(static_cast<T>(value));
  return bytes;
}

inline std::string RawValues(std::string_view datatype, std::span<const double> values) {
  if (datatype == "INT8") return AllBytes<std::int8_t>(values);
  if (datatype == "INT16") return AllBytes<std::int16_t>(values);
  if (datatype == "INT32") return AllBytes<std::int32_t>(values);
  if (datatype == "INT64") return AllBytes<std::int64_t>(values);
  if (datatype == "UINT8") return AllBytes<std::uint8_t>(values);
  if (datatype == "UINT16") return AllBytes<std::uint16_t>(values);
  if (datatype == "UINT32") return AllBytes<std::uint32_t>(values);
  if (datatype == "UINT64") return AllBytes<std::uint64_t>(values);
  if (datatype == "FP32") return AllBytes<float>(values);
  REQUIRE(datatype == "FP64");
  return AllBytes<double>(values);
}

inline void AddTyped(inference::InferTensorContents& contents, std::string_view datatype,
                     std::span<const double> values) {
  for (const double value : values) {
    if (datatype == "INT8" || datatype == "INT16" || datatype == "INT32") {
      contents.add_int_contents(static_cast<std::int32_t>(value));
    } else if (datatype == "INT64") {
      contents.add_int64_contents(static_cast<std::int64_t>(value));
    } else if (datatype == "UINT8" || datatype == "UINT16" || datatype == "UINT32") {
      contents.add_uint_contents(static_cast<std::uint32_t>(value));
    } else if (datatype == "UINT64") {
      contents.add_uint64_contents(static_cast<std::uint64_t>(value));
    } else if (datatype == "FP32") {
      contents.add_fp32_contents(static_cast<float>(value));
    } else {
      REQUIRE(datatype == "FP64");
      contents.add_fp64_contents(value);
    }
  }
}

/// A request for model "iris" with one tensor "input-0".
inline ModelInferRequest Request(std::string_view datatype, std::initializer_list<std::int64_t> shape,
                                 std::span<const double> values, bool raw = false) {
  ModelInferRequest request;
  request.set_model_name("iris");
  auto& tensor = *request.add_inputs();
  tensor.set_name("input-0");
  tensor.set_datatype(std::string(datatype));
  for (const std::int64_t size : shape) tensor.add_shape(size);
  if (raw) {
    request.add_raw_input_contents(RawValues(datatype, values));
  } else {
    AddTyped(*tensor.mutable_contents(), datatype, values);
  }
  return request;
}

/// The numbers of output `i`, whichever way they came.
template <typename T>
std::vector<T> Numbers(const ModelInferResponse& response, int i) {
  std::vector<T> numbers;
  if (response.raw_output_contents_size() > 0) {
    const std::string& bytes = response.raw_output_contents(i);
    REQUIRE(bytes.size() % sizeof(T) == 0);
    numbers.resize(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    const auto& values = response.outputs(i).contents().int_contents();
    numbers.assign(values.begin(), values.end());
  } else {
    const auto& values = response.outputs(i).contents().fp64_contents();
    numbers.assign(values.begin(), values.end());
  }
  return numbers;
}

/// The byte strings of output `i`, whichever way they came.
inline std::vector<std::string> Names(const ModelInferResponse& response, int i) {
  const auto& typed = response.outputs(i).contents().bytes_contents();
  if (response.raw_output_contents_size() == 0) return {typed.begin(), typed.end()};
  std::vector<std::string> names;
  std::string_view rest = response.raw_output_contents(i);
  while (!rest.empty()) {
    std::uint32_t length = 0;
    REQUIRE(rest.size() >= sizeof length);
    std::memcpy(&length, rest.data(), sizeof length);
    rest.remove_prefix(sizeof length);
    REQUIRE(rest.size() >= length);
    names.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return names;
}

template <typename Shaped>
std::vector<std::int64_t> Shape(const Shaped& tensor) {
  return {tensor.shape().begin(), tensor.shape().end()};
}

}  // namespace iris
