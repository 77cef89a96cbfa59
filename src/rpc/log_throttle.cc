// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/log_throttle.h"

#include <algorithm>

namespace iris {
namespace {

std::string Again(const std::string& message, std::size_t count) {
  return message + " (" + std::to_string(count) + " more within " + std::to_string(LogThrottle::kWindow.count()) +
         " s)";
}

}  // namespace

std::vector<std::string> LogThrottle::Take(std::string_view message, Clock::time_point now) {
  std::vector<std::string> lines;
  if (now - begin_ >= kWindow || seen_.empty()) {
    for (const Seen& seen : seen_) {
      if (seen.kept_back > 0) lines.push_back(Again(seen.message, seen.kept_back));
    }
    if (others_ > 0) lines.push_back(Again("other messages", others_));
    begin_ = now;
    seen_.clear();
    others_ = 0;
  }
  const auto known = std::ranges::find(seen_, message, &Seen::message);
  if (known != seen_.end()) {
    ++known->kept_back;
  } else if (seen_.size() < kDifferent) {
    seen_.push_back({std::string(message), 0});
    lines.emplace_back(message);
  } else {
    ++others_;
  }
  return lines;
}

}  // namespace iris
