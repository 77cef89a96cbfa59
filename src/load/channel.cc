// SPDX-License-Identifier: Apache-2.0

#include "src/load/channel.h"

#include <grpc/grpc_security.h>

#include <array>

namespace iris {
namespace {

// A connection that broke is made again this soon, and then at longer intervals up to the other.
constexpr int kFirstRetryMilliseconds = 100;
constexpr int kLongestRetryMilliseconds = 1000;

grpc_arg Number(const char* name, int value) {
  grpc_arg argument{};
  argument.type = GRPC_ARG_INTEGER;
  argument.key = const_cast<char*>(name);  // gRPC copies it
  argument.value.integer = value;
  return argument;
}

grpc_arg Text(const char* name, const std::string& value) {
  grpc_arg argument{};
  argument.type = GRPC_ARG_STRING;
  argument.key = const_cast<char*>(name);
  argument.value.string = const_cast<char*>(value.c_str());
  return argument;
}

}  // namespace

LoadCredentials::LoadCredentials(const std::optional<ClientTls>& tls) {
  if (!tls) {
    credentials_ = grpc_insecure_credentials_create();
    return;
  }
  server_name_ = tls->server_name;
  grpc_ssl_pem_key_cert_pair pair{};
  if (tls->identity) {
    pair.private_key = tls->identity->private_key.c_str();
    pair.cert_chain = tls->identity->certificate_chain.c_str();
  }
  credentials_ = grpc_ssl_credentials_create(tls->trust.c_str(), tls->identity ? &pair : nullptr, nullptr, nullptr);
}

LoadCredentials::~LoadCredentials() { grpc_channel_credentials_release(credentials_); }

LoadChannel::LoadChannel(const Target& target, const LoadCredentials& credentials, const std::string& path) {
  const std::array arguments = {
      Text(GRPC_ARG_DEFAULT_AUTHORITY, target.authority),
      Number(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
      Number(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1),
      Number(GRPC_ARG_ENABLE_CHANNELZ, 0),
      Number(GRPC_ARG_ENABLE_RETRIES, 0),  // a failure is to be seen
      // Channels of equal arguments would otherwise share one connection.
      Number(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
      // Nothing but the calls themselves: no compression, no limit on answers, no timer a call (CallSlot looks itself).
      Number(GRPC_ARG_MINIMAL_STACK, 1),
      // Our patch of gRPC: calls that a worker starts without a pause leave in one write.
      Number("grpc.http2.write_together", 1),
      Number(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstRetryMilliseconds),
      Number(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestRetryMilliseconds),
      Text(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, credentials.server_name()),  // last: left out where there is none
  };
  const std::size_t count = arguments.size() - (credentials.server_name().empty() ? 1 : 0);
  const grpc_channel_args given{.num_args = count, .args = const_cast<grpc_arg*>(arguments.data())};
  channel_ = grpc_channel_create(target.uri.c_str(), credentials.get(), &given);
  method_ = grpc_channel_register_call(channel_, path.c_str(), nullptr, nullptr);
}

LoadChannel::~LoadChannel() { grpc_channel_destroy(channel_); }

grpc_call* LoadChannel::MakeCall(grpc_completion_queue* queue) const {
  return grpc_channel_create_registered_call(channel_, nullptr, GRPC_PROPAGATE_DEFAULTS, queue, method_,
                                             gpr_inf_future(GPR_CLOCK_REALTIME), nullptr);
}

}  // namespace iris
