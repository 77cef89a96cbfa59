// SPDX-License-Identifier: Apache-2.0
// Classifies one flower: `predict localhost:50052 5.0 3.6 1.3 0.25` prints 0, setosa. With CA.pem: over TLS.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>

#include "iris.grpc.pb.h"

int main(int argc, char** argv) {
  if (argc < 6) {
    std::cerr << "usage: predict TARGET SEPAL_LENGTH SEPAL_WIDTH PETAL_LENGTH PETAL_WIDTH [CA.pem]\n";
    return 64;
  }
  auto credentials = grpc::InsecureChannelCredentials();
  if (argc > 6) {
    std::ifstream file(argv[6]);
    credentials = grpc::SslCredentials({.pem_root_certs = {std::istreambuf_iterator<char>(file), {}}});
  }
  ml::IrisPredictRequest request;
  request.set_sepal_length(std::stod(argv[2]));
  request.set_sepal_width(std::stod(argv[3]));
  request.set_petal_length(std::stod(argv[4]));
  request.set_petal_width(std::stod(argv[5]));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  ml::IrisPredictReply reply;
  const auto stub = ml::IrisPredictor::NewStub(grpc::CreateChannel(argv[1], credentials));
  const grpc::Status status = stub->PredictIrisSpecies(&context, request, &reply);
  if (status.ok()) {
    std::cout << reply.species() << '\n';
  } else {
    std::cerr << "status " << status.error_code() << ": " << status.error_message() << '\n';
  }
  return status.ok() ? 0 : 1;
}
