// SPDX-License-Identifier: Apache-2.0
//
// ml.IrisPredictor: what its method does (a plain function), and the gRPC service that is driven by it.

#pragma once

#include <memory>
#include <utility>

#include "iris.grpc.pb.h"
#include "src/base/error.h"
#include "src/svm/model.h"

namespace iris {

/// Classifies one flower. Units: cm. Errors: kFailedPrecondition for a model that does not take exactly four features;
/// kInvalidArgument naming every measurement that is NaN or infinite.
Result<ml::IrisPredictReply> PredictIrisSpecies(const Model& model, const ml::IrisPredictRequest& request);

/// The service as gRPC's callback API drives it: answers on gRPC's own thread, since a prediction takes less time than
/// handing it to another. Safe from any thread. Must outlive the server that it is registered with.
class IrisService final
    : public ml::IrisPredictor::WithRawCallbackMethod_PredictIrisSpecies<ml::IrisPredictor::Service> {
 public:
  explicit IrisService(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

  grpc::ServerUnaryReactor* PredictIrisSpecies(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                               grpc::ByteBuffer* reply) override;

 private:
  const std::shared_ptr<const Model> model_;
};

}  // namespace iris
