// SPDX-License-Identifier: Apache-2.0

#include "src/cli/inherited_sockets.h"

#include <string>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

std::vector<InheritedListener> Named(const std::vector<std::string>& names) {
  std::vector<InheritedListener> sockets;
  for (const std::string& name : names) {
    Result<Listener> listener = Listener::Open({.host = "127.0.0.1", .port = 0, .unix_path = ""});
    REQUIRE(listener);
    sockets.push_back({.listener = *std::move(listener), .name = name});
  }
  return sockets;
}

/// Whether each that speaks gRPC does so over TLS, as '1' or '0'; 'a' behind them for an admin socket.
std::string Sorted(const std::vector<std::string>& names, bool has_tls) {
  const Result<InheritedSockets> sorted = SortInherited(Named(names), has_tls);
  REQUIRE(sorted);
  std::string text;
  for (const ServedListener& served : sorted->grpc) text += served.tls ? '1' : '0';
  return text + (sorted->admin ? "a" : "");
}

TEST_CASE("names say what is spoken", "[inherited_sockets]") {
  CHECK(Sorted({}, true).empty());
  CHECK(Sorted({"unknown", "grpc", "plaintext"}, false) == "000");
  CHECK(Sorted({"unknown", "plaintext", "tls", "admin", "iris-predictor.socket"}, true) == "1011a");
  CHECK(Sorted({"admin"}, false) == "a");
}

TEST_CASE("what cannot be is refused", "[inherited_sockets]") {
  const Result<InheritedSockets> no_tls = SortInherited(Named({"tls"}), false);
  REQUIRE_FALSE(no_tls);
  CHECK(no_tls.error().code == ErrorCode::kConfiguration);
  CHECK_THAT(no_tls.error().message,
             Catch::Matchers::Matches("socket activation: 127.0.0.1:[0-9]+ is named \"tls\", and there is no "
                                      "certificate; .*"));
  const Result<InheritedSockets> twice = SortInherited(Named({"admin", "admin"}), true);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == ErrorCode::kConfiguration);
}

}  // namespace
}  // namespace iris
