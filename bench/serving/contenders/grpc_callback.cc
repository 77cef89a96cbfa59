// SPDX-License-Identifier: Apache-2.0
//
// What one writes with gRPC's C++ library and its callback interface: defaults everywhere.
// Usage: grpc_callback MODEL [PORT]; prints "listening on 127.0.0.1:PORT" on standard error; ended by a signal.

#include <cstdio>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "iris.grpc.pb.h"
#include "linear_model.h"

namespace {

class Service final : public ml::IrisPredictor::CallbackService {
 public:
  explicit Service(const iris::bench::LinearModel& model) : model_(model) {}

  grpc::ServerUnaryReactor* PredictIrisSpecies(grpc::CallbackServerContext* context,
                                               const ml::IrisPredictRequest* request,
                                               ml::IrisPredictReply* reply) override {
    reply->set_species(model_.Predict(
        {request->sepal_length(), request->sepal_width(), request->petal_length(), request->petal_width()}));
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const iris::bench::LinearModel& model_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  const iris::bench::LinearModel model = iris::bench::LinearModel::Read(argv[1]);
  Service service(model);
  int port = 0;
  grpc::ServerBuilder builder;
  const std::string address = std::string("127.0.0.1:") + (argc > 2 ? argv[2] : "0");
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 69;
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", port);
  server->Wait();
}
