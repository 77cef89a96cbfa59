// SPDX-License-Identifier: Apache-2.0

#include "src/serving/services.h"

#include <memory>
#include <string>
#include <utility>

#include "src/inference/infer.h"
#include "src/inference/iris_prediction.h"
#include "src/inference/metadata.h"
#include "src/inference/stream_prediction.h"
#include "src/rpc/long_message.h"
#include "src/serving/health.h"

namespace iris {
namespace {

AnswerLimits LimitsOf(const CallContext& context, std::size_t reply_limit) {
  return {.reply_bytes = reply_limit, .abandoned = [&context] { return context.Abandoned(); }};
}

// A unary method that looks at the served model. `function` takes (const ServedModel&, const Request&, const
// CallContext&) and returns a Reply, or Result<Reply>.
template <typename Request, typename Function>
UnaryMethod WithModel(const char* path, const ModelSlot& slot, Function function) {
  return MakeUnary<Request>(
      path, [&slot, function = std::move(function)](const Request& request, const CallContext& context) {
        return function(*slot.Get(), request, context);
      });
}

void AddIrisPredictor(Methods& methods, const ModelSlot& slot) {
  methods.unary.push_back(WithModel<ml::IrisPredictRequest>(
      "/ml.IrisPredictor/PredictIrisSpecies", slot,
      [](const ServedModel& served, const ml::IrisPredictRequest& request, const CallContext&) {
        const Result<ml::IrisPredictReply> reply = PredictIrisSpecies(*served.model, request);
        if (reply && served.tally) served.tally->Add(reply->species(), 1);
        return reply;
      }));
}

void AddOpenInference(Methods& methods, const ModelSlot& slot, Health& health, const ServiceOptions& options) {
  const auto serving = [&health] { return health.serving(); };
  methods.unary.push_back(MakeUnary<inference::ServerLiveRequest>(
      "/inference.GRPCInferenceService/ServerLive",
      [](const inference::ServerLiveRequest&, const CallContext&) -> Result<inference::ServerLiveResponse> {
        return ServerLive();
      }));
  methods.unary.push_back(MakeUnary<inference::ServerReadyRequest>(
      "/inference.GRPCInferenceService/ServerReady",
      [serving](const inference::ServerReadyRequest&, const CallContext&) -> Result<inference::ServerReadyResponse> {
        return ServerReady(serving());
      }));
  methods.unary.push_back(MakeUnary<inference::ServerMetadataRequest>(
      "/inference.GRPCInferenceService/ServerMetadata",
      [version = options.version](const inference::ServerMetadataRequest&,
                                  const CallContext&) -> Result<inference::ServerMetadataResponse> {
        return ServerMetadata(version);
      }));
  methods.unary.push_back(WithModel<inference::ModelReadyRequest>(
      "/inference.GRPCInferenceService/ModelReady", slot,
      [serving](const ServedModel& served, const inference::ModelReadyRequest& request, const CallContext&) {
        return ModelReady(served, request, serving());
      }));
  methods.unary.push_back(WithModel<inference::ModelMetadataRequest>(
      "/inference.GRPCInferenceService/ModelMetadata", slot,
      [](const ServedModel& served, const inference::ModelMetadataRequest& request, const CallContext&) {
        return ModelMetadata(served, request);
      }));
  methods.unary.push_back(WithModel<inference::ModelInferRequest>(
      "/inference.GRPCInferenceService/ModelInfer", slot,
      [limit = options.reply_limit](const ServedModel& served, const inference::ModelInferRequest& request,
                                    const CallContext& context) {
        return Infer(served, request, LimitsOf(context, limit));
      }));
}

StreamTask StreamPredict(const ModelSlot& slot, std::size_t reply_limit, Stream& stream) {
  iris::v1::StreamPredictRequest request;
  const AnswerLimits limits = LimitsOf(stream.context(), reply_limit);
  while (const Bytes bytes = co_await stream.Read()) {
    if (!Parse(bytes, request)) co_return NotAMessage(bytes, request.GetTypeName());
    if (!co_await stream.Write(Serialize(Answer(*slot.Get(), request, limits)))) {
      co_return Fail(ErrorCode::kCancelled, "the caller went away");
    }
  }
  co_return Result<void>();
}

void AddStreaming(Methods& methods, const ModelSlot& slot, std::size_t reply_limit) {
  methods.streams.push_back(
      {.path = "/iris.v1.PredictionService/StreamPredict",
       .run = [&slot, reply_limit](Stream& stream) { return StreamPredict(slot, reply_limit, stream); }});
}

}  // namespace

void AddPredictionServices(Methods& methods, const ModelSlot& slot, Health& health, const ServiceOptions& options) {
  AddIrisPredictor(methods, slot);
  AddOpenInference(methods, slot, health, options);
  AddStreaming(methods, slot, options.reply_limit);
  methods.long_message = [&slot] { return LongMessageFor(slot.Get()->model->rows()); };
}

std::vector<std::string> ServiceNames(bool reflection) {
  std::vector<std::string> names = {"grpc.health.v1.Health", "inference.GRPCInferenceService",
                                    "iris.v1.PredictionService", "ml.IrisPredictor"};
  if (reflection) {
    names.insert(names.end(), {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"});
  }
  return names;
}

}  // namespace iris
