// SPDX-License-Identifier: Apache-2.0
//
// The text form of a listen address:
//   address = host ":" port | "[" ipv6 "]" ":" port | ":" port | "unix:" path
//   port    = 0 … 65535, decimal digits

#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/base/text.h"
#include "src/system/listener.h"

namespace iris {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

std::unexpected<Error> Refuse(std::string_view text, std::string_view reason) {
  return Fail(ErrorCode::kInvalidArgument,
              "cannot listen on " + Quote(text) + ": " + std::string(reason) +
                  "; expected HOST:PORT, [IPV6]:PORT, :PORT or unix:PATH, for example [::]:50052");
}

std::optional<int> ParsePort(std::string_view text) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || text.size() > 5 || !digits) return std::nullopt;
  int port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  if (port > 65535) return std::nullopt;
  return port;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

Result<ListenAddress> ParseUnix(std::string_view text) {
  const std::string_view path = text.substr(kUnixPrefix.size());
  if (path.empty()) return Refuse(text, "the path is empty");
  if (path.find('\0') != path.npos) return Refuse(text, "the path holds a zero byte");
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() > kLongest) {
    return Refuse(text, "the path has " + std::to_string(path.size()) + " bytes, and the system takes at most " +
                            std::to_string(kLongest) + " for a socket");
  }
  return ListenAddress{.host = "", .port = 0, .unix_path = std::string(path)};
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) return ParseUnix(text);
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.ends_with(']')) return Refuse(text, "no port");

  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') || host.ends_with(']')) {
    if (!host.starts_with('[') || !host.ends_with(']') || host.size() < 3) {
      return Refuse(text, "the brackets around the IPv6 address do not match");
    }
    host = host.substr(1, host.size() - 2);
    const bool plausible = std::ranges::all_of(host, [](char c) { return IsHostCharacter(c) || c == ':' || c == '%'; });
    if (!plausible || host.find(':') == host.npos) return Refuse(text, "no IPv6 address between the brackets");
  } else if (host.empty()) {
    host = "::";
  } else if (host.find(':') != host.npos) {
    return Refuse(text, "an IPv6 address needs brackets");
  } else if (!std::ranges::all_of(host, IsHostCharacter)) {
    return Refuse(text, "no host name or address before the port");
  }

  const std::optional<int> port = ParsePort(text.substr(colon + 1));
  if (!port) return Refuse(text, "the port must be a number from 0 to 65535");
  return ListenAddress{.host = std::string(host), .port = *port, .unix_path = ""};
}

}  // namespace iris
