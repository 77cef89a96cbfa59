// SPDX-License-Identifier: Apache-2.0

#include "src/serving/acceptor.h"

#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "iris.grpc.pb.h"
#include "src/base/text.h"
#include "tests/serving/fixture.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

template <typename Condition>
bool Within(std::chrono::milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

// While it lives, this process cannot have another descriptor.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    // The undefined-behaviour sanitizer needs descriptors to check a virtual call of a type that it sees for the first
    // time; the acceptor's report makes one.
    SystemReason(EMFILE);
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    {
      // The lowest free number becomes the limit: everything below it is in use.
      const Descriptor lowest = NewSocket();
      limit.rlim_cur = static_cast<rlim_t>(lowest.get());
    }
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    REQUIRE_FALSE(NewSocket());
  }
  NoDescriptorsLeft(const NoDescriptorsLeft&) = delete;
  NoDescriptorsLeft& operator=(const NoDescriptorsLeft&) = delete;
  ~NoDescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

struct Counting {
  Counting() {
    std::vector<Listener> listeners;
    listeners.push_back(ListenOnLoopback());
    listeners.push_back(ListenOnLoopback());
    for (const Listener& listener : listeners) addresses.push_back(listener.address());
    auto started = Acceptor::Start(std::move(listeners), [this](int, int fd) {
      const std::lock_guard lock(mutex);
      accepted.emplace_back(fd);
      ++count;
    });
    REQUIRE(started);
    acceptor = *std::move(started);
  }

  std::vector<std::string> addresses;
  std::atomic<int> count = 0;
  std::mutex mutex;
  std::vector<Descriptor> accepted;
  std::unique_ptr<Acceptor> acceptor;  // last, so that its thread ends first
};

TEST_CASE("connections to every listener are handed on") {
  Counting counting;
  std::vector<Descriptor> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(NewSocket());
    REQUIRE(Connect(clients.back(), counting.addresses[static_cast<std::size_t>(i % 2)]));
  }
  CHECK(Within(10s, [&] { return counting.count == 200; }));
}

TEST_CASE("a stopped acceptor refuses connections, and stopping again is fine") {
  Counting counting;
  counting.acceptor->Stop();
  CHECK_FALSE(Connect(NewSocket(), counting.addresses[0]));
  counting.acceptor->Stop();
}

TEST_CASE("out of descriptors: connections wait, nothing spins, and all are served once there are some") {
  Counting counting;
  std::vector<Descriptor> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(NewSocket());
  {
    const NoDescriptorsLeft shortage;
    for (const Descriptor& client : clients) REQUIRE(Connect(client, counting.addresses[0]));
    const auto before = ProcessorTime();
    std::this_thread::sleep_for(500ms);
    CHECK(counting.count == 0);
    CHECK(ProcessorTime() - before < 100ms);
  }
  CHECK(Within(5s, [&] { return counting.count == 20; }));
}

TEST_CASE("out of descriptors: stopping does not wait for them") {
  Counting counting;
  const Descriptor client = NewSocket();
  const NoDescriptorsLeft shortage;
  REQUIRE(Connect(client, counting.addresses[0]));
  std::this_thread::sleep_for(50ms);
  const auto start = std::chrono::steady_clock::now();
  counting.acceptor->Stop();
  CHECK(std::chrono::steady_clock::now() - start < 20s);
}

TEST_CASE("a server that ran out of descriptors answers again (CVE-2023-4785)") {
  const Running running = Serve();
  std::vector<Descriptor> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(NewSocket());  // all fit in the smallest usual queue (somaxconn 128)
  {
    const NoDescriptorsLeft shortage;
    for (const Descriptor& client : clients) REQUIRE(Connect(client, running.address));
    std::this_thread::sleep_for(300ms);
    clients.clear();
    std::this_thread::sleep_for(300ms);
  }
  const auto stub = ml::IrisPredictor::NewStub(Dial(running.address));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 10s);
  ml::IrisPredictReply reply;
  const grpc::Status status = stub->PredictIrisSpecies(&context, {}, &reply);
  CAPTURE(status.error_message());
  CHECK(status.ok());
}

}  // namespace
}  // namespace iris
