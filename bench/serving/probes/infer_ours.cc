// SPDX-License-Identifier: Apache-2.0
//
// What a batch takes in our handler, without the network.
//   model=FILE request=FILE   a ModelInferRequest, with gRPC's five bytes before it
//   count=N
// Prints {"seconds": […], "with_messages": […]}: the handler alone, and with reading the request from its bytes and
// writing the response to its own.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "inference/inference.pb.h"
#include "measurement.h"
#include "src/inference/infer.h"
#include "src/model_file/model_file.h"

int main(int argc, char** argv) {
  const iris::bench::Arguments arguments(argc, argv);
  auto model = iris::LoadModel(arguments.Text("model"));
  std::ifstream file(arguments.Text("request"), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!model || bytes.size() < 5) {
    std::fprintf(stderr, "infer_ours: no model or no request\n");
    return 65;
  }
  const iris::ServedModel served{"iris", "1", std::make_shared<const iris::Model>(std::move(*model))};
  std::vector<double> handler;
  std::vector<double> with_messages;
  const int count = static_cast<int>(arguments.Number("count", 1));
  for (int turn = -count / 10; turn < count; ++turn) {  // a tenth more at first, not counted
    const double start = iris::bench::WallSeconds();
    inference::ModelInferRequest request;
    const bool read = request.ParseFromArray(bytes.data() + 5, static_cast<int>(bytes.size() - 5));
    const double parsed = iris::bench::WallSeconds();
    const auto response = iris::Infer(served, request, {});
    const double done = iris::bench::WallSeconds();
    if (!read || !response) {
      std::fprintf(stderr, "infer_ours: %s\n", read ? response.error().message.c_str() : "not a request");
      return 1;
    }
    const std::string written = response->SerializeAsString();
    const double end = iris::bench::WallSeconds();
    if (turn < 0 || written.empty()) continue;
    handler.push_back(done - parsed);
    with_messages.push_back(end - start);
  }
  std::printf("{\"seconds\":%s,\"with_messages\":%s}\n", iris::bench::JsonArray(handler).c_str(),
              iris::bench::JsonArray(with_messages).c_str());
}
