// SPDX-License-Identifier: Apache-2.0
//
// The whole server, in this process, on a Unix socket: the input is what a client sends on one connection. The server
// must end every connection whose client has said its last, keep nothing of it, and go on answering others. gRPC itself
// is Debian's here, without the sanitizers and without our patches; what the released binary does with the same bytes
// shows mutate_connections.py.

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "iris.grpc.pb.h"
#include "src/serving/server.h"
#include "src/system/listener.h"
#include "src/system/log.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/http2_frames.h"

namespace iris {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience(20);  // the machine may be busy
constexpr int kCallsBetweenChecks = 100;

class Running {
 public:
  Running() : path_("/tmp/iris-fuzz-" + std::to_string(::getpid())) {
    SetLogLevel(LogLevel::kError);
    Model model;
    model.class_names = {"setosa", "versicolor", "virginica"};
    model.feature_names = {"sepal_length", "sepal_width", "petal_length", "petal_width"};
    model.weights = {0.184, 0.451, -0.808, -0.451, 0.055, -0.901, 0.409, -0.961, -0.851, -0.987, 1.381, 1.865};
    model.bias = {0.110, 1.687, -1.711};
    Result<Listener> listener = Listener::Open({.host = "", .port = 0, .unix_path = path_});
    fuzz::Require(listener.has_value(), "a listener");
    std::vector<ServedListener> listeners;
    listeners.push_back({.listener = *std::move(listener), .tls = false});
    auto server = Server::Start({.name = "iris", .version = "1", .model = std::make_shared<const Model>(model)},
                                std::move(listeners), ServerOptions{.version = "0", .threads = 2});
    fuzz::Require(server.has_value(), "a server");
    server_ = *std::move(server);
    stub_ = ml::IrisPredictor::NewStub(
        grpc::CreateChannel("unix:" + path_, grpc::InsecureChannelCredentials()));
  }

  Descriptor Connect() const {
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path_.copy(address.sun_path, path_.size());
    fuzz::Require(fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
                  "the server takes connections");
    return fd;
  }

  /// An honest call is answered, and no connection is left but its own.
  void Check() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    ml::IrisPredictRequest request;
    request.set_sepal_length(5.0);
    request.set_sepal_width(3.6);
    request.set_petal_length(1.3);
    request.set_petal_width(0.25);
    ml::IrisPredictReply reply;
    const grpc::Status status = stub_->PredictIrisSpecies(&context, request, &reply);
    fuzz::Require(status.ok() && reply.species() == 0, "others are answered", status.error_message());
    const auto end = Clock::now() + kPatience;
    while (server_->connections().open > 1 && Clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    fuzz::Require(server_->connections().open <= 1, "connections are closed");
  }

 private:
  std::string path_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<ml::IrisPredictor::Stub> stub_;
};

/// Takes in what comes; false: for so long nothing came. `ended`: the server has closed.
bool Read(int fd, std::chrono::milliseconds patience, bool& ended) {
  pollfd poller{.fd = fd, .events = POLLIN, .revents = 0};
  if (::poll(&poller, 1, static_cast<int>(patience.count())) <= 0) return false;
  char buffer[65536];
  ended = ::recv(fd, buffer, sizeof buffer, 0) <= 0;
  return true;
}

}  // namespace
}  // namespace iris

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  using namespace iris;
  std::minstd_rand random(seed);
  fuzz::Connection connection = fuzz::Split(fuzz::Text(data, size));
  if (connection.frames.empty() || random() % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (unsigned n = 1 + random() % 3; n > 0 && !connection.frames.empty(); --n) fuzz::Change(connection, random);
  const std::string bytes = fuzz::Join(connection);
  const std::size_t length = std::min(bytes.size(), max_size);
  std::memcpy(data, bytes.data(), length);
  return length;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  static Running server;
  static int calls = 0;
  bool ended = false;
  {
    const Descriptor fd = server.Connect();
    for (std::size_t sent = 0; sent < size && !ended;) {
      const ssize_t n = ::send(fd.get(), data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        sent += static_cast<std::size_t>(n);
      } else if (!Read(fd.get(), std::chrono::seconds(1), ended)) {
        break;  // it takes nothing and says nothing: flow control
      }
    }
    while (!ended && Read(fd.get(), std::chrono::milliseconds(3), ended)) {
    }
    ::shutdown(fd.get(), SHUT_WR);
    const auto end = Clock::now() + kPatience;
    while (!ended && Clock::now() < end) Read(fd.get(), std::chrono::milliseconds(100), ended);
  }
  fuzz::Require(ended, "a connection whose client has said its last is ended");
  if (++calls % kCallsBetweenChecks == 0) server.Check();
  return 0;
}
