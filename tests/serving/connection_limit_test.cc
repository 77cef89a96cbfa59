// SPDX-License-Identifier: Apache-2.0

#include "src/serving/connection_limit.h"

#include <sys/resource.h>

#include <chrono>
#include <set>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Clock = ConnectionLimit::Clock;

struct Connections {
  std::set<int> open;
  int looks = 0;
  ConnectionLimit limit{3, [this](int fd) {
                          ++looks;
                          return open.contains(fd);
                        }};

  bool Admit(int fd, Clock::time_point now) {
    const bool admitted = limit.Admit(fd, now);
    if (admitted) open.insert(fd);
    return admitted;
  }
};

TEST_CASE("so many connections and no more") {
  Connections connections;
  const Clock::time_point now = Clock::now();
  for (const int fd : {7, 9, 12}) CHECK(connections.Admit(fd, now));
  CHECK(connections.looks == 0);
  CHECK_FALSE(connections.Admit(13, now));
  CHECK_FALSE(connections.Admit(13, now + 1h));
}

TEST_CASE("a number that comes again is that of a connection that has closed") {
  Connections connections;
  const Clock::time_point now = Clock::now();
  for (const int fd : {7, 8, 9, 8, 7, 9, 8}) CHECK(connections.Admit(fd, now));
  CHECK(connections.looks == 0);
  CHECK_FALSE(connections.Admit(10, now));
}

TEST_CASE("where something else has the numbers, it looks, now and then") {
  Connections connections;
  const Clock::time_point now = Clock::now();
  for (const int fd : {7, 8, 9}) CHECK(connections.Admit(fd, now));
  connections.open.erase(8);  // and a file has the number
  CHECK(connections.Admit(10, now));
  CHECK(connections.looks == 3);
  connections.open = {10};
  for (int i = 0; i < 100; ++i) CHECK_FALSE(connections.Admit(11, now + 99ms));
  CHECK(connections.looks == 3);
  for (const int fd : {11, 12}) CHECK(connections.Admit(fd, now + ConnectionLimit::kLookEvery));
  CHECK_FALSE(connections.Admit(13, now + ConnectionLimit::kLookEvery));
}

// Puts the limit on descriptors back.
class DescriptorLimit {
 public:
  DescriptorLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

  /// The soft one.
  rlim_t Set(rlim_t soft) const {
    rlimit limit = before_;
    limit.rlim_cur = soft;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    return limit.rlim_max;
  }
  static rlim_t Now() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
  }

 private:
  rlimit before_{};
};

TEST_CASE("the system's limit is raised as far as connections need it, and some descriptors stay free") {
  const DescriptorLimit limit;
  const rlim_t hard = limit.Set(64);
  if (hard < 400) SKIP("there are too few descriptors to tell");
  CHECK(ConnectionsAllowed(200, 2) == 200);
  CHECK(DescriptorLimit::Now() >= 200 + 64);
  CHECK(DescriptorLimit::Now() < 400);
  if (hard == RLIM_INFINITY || hard > 1 << 24) return;
  const std::size_t most = ConnectionsAllowed(hard, 2);
  CHECK(DescriptorLimit::Now() == hard);
  CHECK(most < hard);
  CHECK(most >= hard / 2);
}

}  // namespace
}  // namespace iris
