// SPDX-License-Identifier: Apache-2.0

#include "src/system/socket_activation.h"

#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/text.h"
#include "src/system/inherited_variable.h"

namespace iris {
namespace {

constexpr int kFirst = 3;
/// More than anybody has sockets; a larger number is a mistake.
constexpr std::uint64_t kMost = 1024;

std::unexpected<Error> NoSense(const char* variable, const std::string& value, const std::string& expected) {
  return Fail(ErrorCode::kConfiguration, "socket activation: " + std::string(variable) + " is " + Quote(value) +
                                             ", expected " + expected +
                                             "; they come from the service manager: look at the socket unit, or unset "
                                             "LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES");
}

/// The parts of a list with ':' between them.
std::vector<std::string> Names(std::string_view list) {
  std::vector<std::string> names;
  for (;;) {
    const std::size_t colon = list.find(':');
    names.emplace_back(list.substr(0, colon));
    if (colon == std::string_view::npos) return names;
    list.remove_prefix(colon + 1);
  }
}

}  // namespace

Result<std::vector<InheritedListener>> TakeInheritedListeners() {
  const std::optional<std::string> owner = TakeVariable("LISTEN_PID");
  const std::optional<std::string> count_text = TakeVariable("LISTEN_FDS");
  const std::optional<std::string> list = TakeVariable("LISTEN_FDNAMES");
  TakeVariable("LISTEN_PIDFDID");
  std::vector<InheritedListener> listeners;
  if (!owner || !count_text) return listeners;
  const std::optional<std::uint64_t> pid = ParseDecimal(*owner);
  if (!pid) return NoSense("LISTEN_PID", *owner, "a process id");
  if (*pid != static_cast<std::uint64_t>(::getpid())) return listeners;
  const std::optional<std::uint64_t> count = ParseDecimal(*count_text);
  if (!count || *count > kMost) {
    return NoSense("LISTEN_FDS", *count_text, "a number of sockets up to " + std::to_string(kMost));
  }
  std::vector<std::string> names(*count, "unknown");
  if (list) {
    names = Names(*list);
    if (names.size() != *count) {
      return NoSense("LISTEN_FDNAMES", *list, "as many names with ':' between them as LISTEN_FDS says, " + *count_text);
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int fd = kFirst + static_cast<int>(i);
    Result<Listener> listener = Listener::Adopt(fd);
    if (!listener) {
      return Fail(listener.error().code, "socket activation: descriptor " + std::to_string(fd) + " (" +
                                             WithoutCommands(names[i]) + ") " + listener.error().message);
    }
    listeners.push_back({.listener = *std::move(listener), .name = std::move(names[i])});
  }
  return listeners;
}

}  // namespace iris
