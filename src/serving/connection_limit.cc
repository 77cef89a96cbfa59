// SPDX-License-Identifier: Apache-2.0

#include "src/serving/connection_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace iris {
namespace {

// Standard streams, listeners, the admin endpoint's 64 connections, a file, what gRPC holds.
constexpr rlim_t kReserve = 88;
constexpr rlim_t kReserveOfThread = 4;
constexpr rlim_t kReservedShare = 4;  // one in so many, where there are few: a server of its own has ten open

}  // namespace

ConnectionLimit::ConnectionLimit(std::size_t most, std::function<bool(int)> is_open)
    : most_(most), is_open_(std::move(is_open)) {}

bool ConnectionLimit::Admit(int connection, Clock::time_point now) {
  const auto index = static_cast<std::size_t>(connection);
  if (index >= admitted_.size()) admitted_.resize(index + 1);
  if (admitted_[index]) return true;  // the one that had this number has closed
  if (count_ >= most_ && now >= next_look_) {
    Look();
    next_look_ = now + kLookEvery;
  }
  if (count_ >= most_) return false;
  admitted_[index] = true;
  ++count_;
  return true;
}

void ConnectionLimit::Look() {
  for (std::size_t i = 0; i < admitted_.size(); ++i) {
    if (!admitted_[i] || is_open_(static_cast<int>(i))) continue;
    admitted_[i] = false;
    --count_;
  }
}

std::size_t ConnectionsAllowed(std::size_t wanted, int threads) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t ample = kReserve + kReserveOfThread * static_cast<rlim_t>(threads);
  const rlim_t needed = static_cast<rlim_t>(wanted) + ample;
  if (limit.rlim_cur < needed && limit.rlim_cur < limit.rlim_max) {
    rlimit more = limit;
    more.rlim_cur = std::min(needed, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &more) == 0) limit = more;  // some sandboxes do not let us
  }
  if (limit.rlim_cur >= needed) return wanted;
  const rlim_t reserve = std::min(ample, limit.rlim_cur / kReservedShare);
  return std::max<std::size_t>(1, static_cast<std::size_t>(limit.rlim_cur - reserve));
}

}  // namespace iris
