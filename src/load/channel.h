// SPDX-License-Identifier: Apache-2.0
//
// A connection of the load, in gRPC's C interface.

#pragma once

#include <grpc/grpc.h>

#include <optional>
#include <string>

#include "src/client/client.h"
#include "src/client/target.h"

namespace iris {

/// How to prove oneself, and whom to believe: plaintext where there is no TLS.
class LoadCredentials {
 public:
  explicit LoadCredentials(const std::optional<ClientTls>& tls);
  LoadCredentials(const LoadCredentials&) = delete;
  LoadCredentials& operator=(const LoadCredentials&) = delete;
  ~LoadCredentials();

  grpc_channel_credentials* get() const { return credentials_; }
  const std::string& server_name() const { return server_name_; }

 private:
  grpc_channel_credentials* credentials_;
  std::string server_name_;
};

/// A channel that shares its connection with no other, and asks one method.
class LoadChannel {
 public:
  LoadChannel(const Target& target, const LoadCredentials& credentials, const std::string& path);
  LoadChannel(const LoadChannel&) = delete;
  LoadChannel& operator=(const LoadChannel&) = delete;
  ~LoadChannel();

  /// A new call, whose batches complete at `queue`. The caller's to release.
  grpc_call* MakeCall(grpc_completion_queue* queue) const;

 private:
  grpc_channel* channel_;
  void* method_;  // the channel's
};

}  // namespace iris
