// SPDX-License-Identifier: Apache-2.0
//
// Listen addresses: one that parses prints as a text that parses to the same.

#include <sys/un.h>

#include <string>

#include "src/system/listener.h"
#include "tests/fuzz/fuzz.h"

namespace iris {
namespace {

std::string Print(const ListenAddress& address) {
  if (!address.unix_path.empty()) return "unix:" + address.unix_path;
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  const Result<ListenAddress> address = ParseListenAddress(fuzz::Text(data, size));
  if (!address) {
    fuzz::RequireMessage(address.error().message);
    return 0;
  }
  fuzz::Require(address->port >= 0 && address->port <= 65535, "a port");
  fuzz::Require(address->unix_path.empty() != address->host.empty(), "a host or a path");
  fuzz::Require(address->unix_path.size() < sizeof(sockaddr_un::sun_path), "a path that fits");
  fuzz::Require(address->host.find('\0') == std::string::npos, "a host without a zero byte");
  const Result<ListenAddress> again = ParseListenAddress(Print(*address));
  fuzz::Require(again && again->host == address->host && again->port == address->port &&
                    again->unix_path == address->unix_path,
                "it prints and parses the same:", Print(*address));
  return 0;
}
