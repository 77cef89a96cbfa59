// SPDX-License-Identifier: Apache-2.0
//
// Calls at fixed times, however long the earlier ones take, from one thread that costs little beside the server.
//   port=P path=/x.Y/Z request=FILE answer=FILE   with gRPC's five bytes before each message
//   connections=C rate=R        calls a second, in turn over the connections
//   warm=SECONDS seconds=S      how long before latencies count, and from then on
// Prints {"seconds": […], "late": […]}: the latency of each call, from when it was due to its last byte, in order; and
// how long after that it was started. Exit code 1 with a message for a wrong or failed answer.

#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "arguments.h"
#include "measurement.h"
#include "paced_connection.h"

namespace {

using iris::bench::WallSeconds;

constexpr double kPatience = 10;  // seconds after the last call was due

std::vector<std::uint8_t> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Sleeps as precisely as the kernel can, unless something comes in.
int Wait(int poll, std::array<epoll_event, 256>& events, double seconds) {
  const double whole = std::floor(std::max(0.0, seconds));
  const timespec patience{static_cast<time_t>(whole), static_cast<long>((std::max(0.0, seconds) - whole) * 1e9)};
  return epoll_pwait2(poll, events.data(), static_cast<int>(events.size()), &patience, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const iris::bench::Arguments arguments(argc, argv);
  const double rate = arguments.Number("rate", 1);
  const auto warm = static_cast<std::size_t>(rate * arguments.Number("warm", 0));
  const std::size_t count = warm + static_cast<std::size_t>(rate * arguments.Number("seconds", 1));
  iris::bench::Calls calls{.path = arguments.Text("path"),
                           .request = ReadFile(arguments.Text("request")),
                           .answer = ReadFile(arguments.Text("answer")),
                           .ended = std::vector<double>(count),
                           .over = 0,
                           .wrong = {}};
  prctl(PR_SET_TIMERSLACK, 1);
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<iris::bench::PacedConnection>> connections;
  for (int i = 0; i < static_cast<int>(arguments.Number("connections", 1)); ++i) {
    connections.push_back(
        std::make_unique<iris::bench::PacedConnection>(static_cast<int>(arguments.Number("port", 0)), calls));
    epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = connections.back().get()}};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, connections.back()->socket(), &event) != 0) calls.wrong = "nobody listens";
  }
  const double begin = WallSeconds() + 0.05;
  const auto due = [&](std::size_t call) { return begin + static_cast<double>(call) / rate; };
  std::vector<double> late(count);
  std::array<epoll_event, 256> events;
  for (std::size_t next = 0; calls.over < count && calls.wrong.empty();) {
    const double now = WallSeconds();
    const std::size_t first = next;
    for (; next < count && due(next) <= now; ++next) {
      connections[next % connections.size()]->Start(next);
      late[next] = now - due(next);
    }
    for (std::size_t i = first; i < std::min(next, first + connections.size()); ++i) {
      connections[i % connections.size()]->Send();
    }
    const double patience = (next < count ? due(next) : due(count) + kPatience) - WallSeconds();
    if (next == count && patience < 0) calls.wrong = std::to_string(count - calls.over) + " calls were not answered";
    const int ready = Wait(poll, events, patience);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<iris::bench::PacedConnection*>(events[i].data.ptr);
      connection.Receive();
    }
  }
  if (!calls.wrong.empty()) {
    std::fprintf(stderr, "%s\n", calls.wrong.c_str());
    return 1;
  }
  std::vector<double> seconds(count);
  for (std::size_t i = 0; i < count; ++i) seconds[i] = calls.ended[i] - due(i);
  seconds.erase(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(warm));
  late.erase(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(warm));
  std::printf("{\"seconds\":%s,\"late\":%s}\n", iris::bench::JsonArray(seconds).c_str(),
              iris::bench::JsonArray(late).c_str());
}
