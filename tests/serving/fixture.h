// SPDX-License-Identifier: Apache-2.0
//
// A real server on the loopback, and ways to call it that are not our own client.

#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"
#include "src/serving/server.h"
#include "src/system/listener.h"

namespace iris {

/// The optimum of squared hinge at C = 1 on Fisher's Iris, to three digits: enough for clear-cut flowers.
inline Model IrisModel() {
  return {.class_names = {"setosa", "versicolor", "virginica"},
          .feature_names = {"sepal_length", "sepal_width", "petal_length", "petal_width"},
          .weights = {0.184, 0.451, -0.808, -0.451, 0.055, -0.901, 0.409, -0.961, -0.851, -0.987, 1.381, 1.865},
          .bias = {0.110, 1.687, -1.711},
          .options = {},
          .certificates = {}};
}

inline Model TwoFeatureModel() {
  return {.class_names = {"a", "b"},
          .feature_names = {"x", "y"},
          .weights = {1, -1},
          .bias = {0},
          .options = {},
          .certificates = {}};
}

/// Of this process: unlike time on the clock, the same on a busy machine.
inline std::chrono::milliseconds ProcessorTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::milliseconds(time.tv_sec * 1000 + time.tv_nsec / 1'000'000);
}

inline Listener ListenOn(const ListenAddress& address) {
  Result<Listener> listener = Listener::Open(address);
  REQUIRE(listener);
  return *std::move(listener);
}

inline Listener ListenOnLoopback() { return ListenOn({.host = "127.0.0.1", .port = 0, .unix_path = ""}); }

/// A server for one test, with the address of its (first) listener.
struct Running {
  std::string address;
  std::unique_ptr<Server> server;
};

inline ServedModel Served(Model model = IrisModel()) {
  return {.name = "iris", .version = "1", .model = std::make_shared<const Model>(std::move(model))};
}

/// Starts it in plaintext.
inline std::unique_ptr<Server> StartServer(std::vector<Listener> listeners, const ServerOptions& options = {},
                                           Model model = IrisModel()) {
  std::vector<ServedListener> served;
  for (Listener& listener : listeners) served.push_back({.listener = std::move(listener), .tls = false});
  auto server = Server::Start(Served(std::move(model)), std::move(served), options);
  REQUIRE(server);
  return *std::move(server);
}

inline Running Serve(Model model = IrisModel(), const ServerOptions& options = {}) {
  std::vector<Listener> listeners;
  listeners.push_back(ListenOnLoopback());
  std::string address = listeners.front().address();
  return {std::move(address), StartServer(std::move(listeners), options, std::move(model))};
}

/// A plain TCP socket, and its connection to a server on the loopback: for clients that do not speak gRPC.
inline Descriptor NewSocket() { return Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

inline bool Connect(const Descriptor& fd, const std::string& address) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(ParseListenAddress(address)->port));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0;
}

/// A channel with a connection of its own.
inline std::shared_ptr<grpc::Channel> Dial(const std::string& address, grpc::ChannelArguments arguments = {}) {
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

/// A stream of raw messages on any method, with a deadline that turns a hang into a failure.
class RawStream {
 public:
  RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) : stub_(channel) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(this);
    REQUIRE(Next());
  }
  RawStream(const RawStream&) = delete;
  RawStream& operator=(const RawStream&) = delete;
  ~RawStream() {
    context_.TryCancel();
    if (!finished_) Finish();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Write(const std::string& message) {
    const grpc::Slice slice(message);
    stream_->Write(grpc::ByteBuffer(&slice, 1), this);
    return Next();
  }

  /// The next message, or nothing at the end of the stream.
  std::optional<std::string> Read() {
    grpc::ByteBuffer buffer;
    stream_->Read(&buffer, this);
    if (!Next()) return std::nullopt;
    grpc::Slice slice;
    REQUIRE(buffer.DumpToSingleSlice(&slice).ok());
    return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }

  bool ReadInitialMetadata() {
    stream_->ReadInitialMetadata(this);
    return Next();
  }

  bool WritesDone() {
    stream_->WritesDone(this);
    return Next();
  }

  grpc::Status Finish() {
    finished_ = true;
    grpc::Status status;
    stream_->Finish(&status, this);
    Next();
    return status;
  }

 private:
  bool Next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool finished_ = false;
};

}  // namespace iris
