// SPDX-License-Identifier: Apache-2.0

#include "src/client/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "iris.grpc.pb.h"
#include "src/client/status.h"
#include "src/client/target.h"
#include "src/rpc/log.h"
#include "src/rpc/thread_room.h"

namespace iris {
namespace {

constexpr std::size_t kFeatures = 4;
// Enough to hide the way there and back; more only makes the server queue.
constexpr std::size_t kInFlight = 256;

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const std::optional<ClientTls>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls->trust;
  if (tls->identity) {
    options.pem_private_key = tls->identity->private_key;
    options.pem_cert_chain = tls->identity->certificate_chain;
  }
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::Channel> Connect(const Target& target, const std::optional<ClientTls>& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, target.authority);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);                // http_proxy is for the web, not for a model server
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);  // no TXT queries
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // no back-off inherited from an earlier channel
  if (tls && !tls->server_name.empty()) arguments.SetSslTargetNameOverride(tls->server_name);
  return grpc::CreateCustomChannel(target.uri, MakeCredentials(tls), arguments);
}

// One prediction on its way. Its address is the completion queue's tag.
struct PredictCall {
  std::size_t index = 0;
  grpc::ClientContext context;
  ml::IrisPredictReply reply;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<ml::IrisPredictReply>> reader;
};

ml::IrisPredictRequest ToRequest(std::span<const double> sample) {
  ml::IrisPredictRequest request;
  request.set_sepal_length(sample[0]);
  request.set_sepal_width(sample[1]);
  request.set_petal_length(sample[2]);
  request.set_petal_width(sample[3]);
  return request;
}

// A failed call, remembered while those before it may still fail.
struct Failure {
  std::size_t index;
  grpc::Status status;
};

class GrpcClient final : public Client {
 public:
  GrpcClient(Target target, std::chrono::milliseconds timeout, const std::optional<ClientTls>& tls)
      : target_(std::move(target)),
        timeout_(timeout),
        tls_(tls.has_value()),
        channel_(Connect(target_, tls)),
        iris_(ml::IrisPredictor::NewStub(channel_)),
        health_(grpc::health::v1::Health::NewStub(channel_)) {}

  Result<std::vector<std::int32_t>> PredictIris(std::span<const double> samples) override {
    if (samples.size() % kFeatures != 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  "a sample is 4 numbers; " + std::to_string(samples.size()) + " are not a whole number of samples");
    }
    const std::size_t count = samples.size() / kFeatures;
    std::vector<std::int32_t> species(count);
    std::optional<Failure> failure;
    std::vector<std::unique_ptr<PredictCall>> calls;  // at most kInFlight
    grpc::CompletionQueue queue;

    std::size_t sent = 0;
    for (; sent < std::min(count, kInFlight); ++sent) {
      calls.push_back(std::make_unique<PredictCall>());
      Send(*calls.back(), sent, samples, queue);
    }
    for (std::size_t in_flight = calls.size(); in_flight > 0;) {
      void* tag = nullptr;
      bool ok = false;
      queue.Next(&tag, &ok);
      --in_flight;
      std::unique_ptr<PredictCall>& slot = FindSlot(calls, tag);
      if (slot->status.ok()) {
        species[slot->index] = slot->reply.species();
      } else if (!failure || slot->index < failure->index) {
        failure = {slot->index, slot->status};
        for (const auto& call : calls) {
          if (call && call->index > slot->index) call->context.TryCancel();
        }
      }
      slot.reset();
      if (failure || sent == count) continue;
      slot = std::make_unique<PredictCall>();
      Send(*slot, sent++, samples, queue);
      ++in_flight;
    }
    Close(queue);
    if (failure) return std::unexpected(Explain(*failure, count));
    return species;
  }

  Result<bool> CheckHealth(const std::string& service) override {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout_);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status = health_->Check(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
      return Fail(ErrorCode::kConfiguration, "the server at " + target_.shown + " has no service '" + service + "'");
    }
    if (!status.ok()) return std::unexpected(FromGrpcStatus(status, target_.shown, timeout_, tls_));
    return response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
  }

 private:
  static std::unique_ptr<PredictCall>& FindSlot(std::vector<std::unique_ptr<PredictCall>>& calls, void* tag) {
    return *std::ranges::find_if(calls, [tag](const auto& call) { return call.get() == tag; });
  }

  static void Close(grpc::CompletionQueue& queue) {
    queue.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
    }
  }

  void Send(PredictCall& call, std::size_t index, std::span<const double> samples, grpc::CompletionQueue& queue) {
    call.index = index;
    call.context.set_deadline(std::chrono::system_clock::now() + timeout_);
    const ml::IrisPredictRequest request = ToRequest(samples.subspan(index * kFeatures, kFeatures));
    call.reader = iris_->AsyncPredictIrisSpecies(&call.context, request, &queue);
    call.reader->Finish(&call.reply, &call.status, &call);
  }

  Error Explain(const Failure& failure, std::size_t count) const {
    Error error = FromGrpcStatus(failure.status, target_.shown, timeout_, tls_);
    if (count > 1 && error.code == ErrorCode::kInvalidArgument) {
      error.message =
          "sample " + std::to_string(failure.index + 1) + " of " + std::to_string(count) + ": " + error.message;
    }
    return error;
  }

  const Target target_;
  const std::chrono::milliseconds timeout_;
  const bool tls_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<ml::IrisPredictor::Stub> iris_;
  const std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::Create(const ClientOptions& options) {
  if (options.timeout <= std::chrono::milliseconds(0)) {
    return Fail(ErrorCode::kInvalidArgument, "the timeout must be more than 0");
  }
  if (const Result<void> room = CheckThreadRoom(); !room) return std::unexpected(room.error());
  SilenceGrpcLog();
  Result<Target> target = MakeTarget(options.host, options.port);
  if (!target) return std::unexpected(target.error());
  return std::make_unique<GrpcClient>(*std::move(target), options.timeout, options.tls);
}

}  // namespace iris
