// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/bytes.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>

#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "inference/inference.pb.h"

namespace iris {
namespace {

inference::ModelInferRequest Example() {
  inference::ModelInferRequest request;
  request.set_model_name("iris");
  request.set_id(std::string(300, 'i'));
  for (int i = 0; i < 50; ++i) request.add_inputs()->set_name("input-" + std::to_string(i));
  request.add_raw_input_contents(std::string(1000, '\7'));
  return request;
}

Bytes InSlices(const std::string& text, std::size_t length) {
  std::vector<grpc_slice> slices;
  for (std::size_t i = 0; i < text.size(); i += length) {
    const std::string part = text.substr(i, length);
    slices.push_back(grpc_slice_from_copied_buffer(part.data(), part.size()));
  }
  Bytes bytes(grpc_raw_byte_buffer_create(slices.data(), slices.size()));
  for (const grpc_slice& slice : slices) grpc_slice_unref(slice);
  return bytes;
}

TEST_CASE("a message reads back from its bytes, in however many pieces they came") {
  const inference::ModelInferRequest request = Example();
  const std::string text = request.SerializeAsString();
  const std::size_t length = GENERATE(1U, 2U, 7U, 100U, 1024U, 1'000'000U);
  const Bytes bytes = InSlices(text, length);
  CHECK(bytes.size() == text.size());
  inference::ModelInferRequest read;
  REQUIRE(Parse(bytes, read));
  CHECK(read.SerializeAsString() == text);
}

TEST_CASE("serialising gives protobuf's own bytes") {
  const inference::ModelInferRequest request = Example();
  const Bytes bytes = Serialize(request);
  REQUIRE(bytes);
  CHECK(bytes.size() == request.ByteSizeLong());
  inference::ModelInferRequest read;
  REQUIRE(Parse(bytes, read));
  CHECK(read.SerializeAsString() == request.SerializeAsString());
  const Bytes nothing = Serialize(inference::ServerLiveRequest());
  CHECK(nothing);  // a message of no bytes is a message
  CHECK(nothing.size() == 0);
}

TEST_CASE("bytes that are no message, cut anywhere, or not there at all are refused") {
  inference::ModelInferRequest read;
  CHECK_FALSE(Parse(Bytes(), read));
  CHECK_FALSE(Parse(InSlices("\xff\xff\xff", 1), read));
  const std::string text = Example().SerializeAsString();
  std::size_t refused = 0;
  for (std::size_t length = 1; length < text.size(); ++length) {
    const bool whole = read.ParseFromString(text.substr(0, length));
    CHECK(Parse(InSlices(text.substr(0, length), 5), read) == whole);
    if (!whole) ++refused;
  }
  CHECK(refused > text.size() / 2);
}

}  // namespace
}  // namespace iris
