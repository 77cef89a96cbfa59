// SPDX-License-Identifier: Apache-2.0

#include "src/client/target.h"

#include <string>

#include "catch_amalgamated.hpp"
#include "src/system/listener.h"

namespace iris {
namespace {

struct Right {
  std::string host;
  std::string uri;
  std::string authority;
  std::string shown;
};

TEST_CASE("hosts as people type them") {
  const Right row = GENERATE(values<Right>({
      {"127.0.0.1", "ipv4:127.0.0.1:50052", "127.0.0.1:50052", "127.0.0.1:50052"},
      {"::1", "ipv6:%5B::1%5D:50052", "[::1]:50052", "[::1]:50052"},
      {"[::1]", "ipv6:%5B::1%5D:50052", "[::1]:50052", "[::1]:50052"},
      {"fe80::1%eth0", "ipv6:%5Bfe80::1%25eth0%5D:50052", "[fe80::1%eth0]:50052", "[fe80::1%eth0]:50052"},
      {"iris.example.com", "dns:///iris.example.com:50052", "iris.example.com:50052", "iris.example.com:50052"},
      {"172.17.0.2.", "dns:///172.17.0.2.:50052", "172.17.0.2.:50052", "172.17.0.2.:50052"},
      {"unix:/run/iris.sock", "unix:/run/iris.sock", "localhost", "unix:/run/iris.sock"},
      {"unix:///run/a b%.sock", "unix:/run/a%20b%25.sock", "localhost", "unix:///run/a b%.sock"},
  }));
  CAPTURE(row.host);
  const Result<Target> target = MakeTarget(row.host, 50052);
  REQUIRE(target);
  CHECK(target->uri == row.uri);
  CHECK(target->authority == row.authority);
  CHECK(target->shown == row.shown);
}

TEST_CASE("hosts that are none, and ports that are none, are refused with an example") {
  const auto [host, port] = GENERATE(table<std::string, int>({{"", 50052},
                                                              {"a b", 50052},
                                                              {"http://localhost", 50052},
                                                              {"localhost:50052", 50052},
                                                              {"[localhost]", 50052},
                                                              {"[]", 50052},
                                                              {"unix:", 50052},
                                                              {"localhost", 0},
                                                              {"localhost", -1},
                                                              {"localhost", 65536}}));
  CAPTURE(host, port);
  const Result<Target> target = MakeTarget(host, port);
  REQUIRE_FALSE(target);
  CHECK(target.error().code == ErrorCode::kInvalidArgument);
  CHECK_THAT(target.error().message, Catch::Matchers::ContainsSubstring("for example --"));
}

TEST_CASE("localhost is the loopback address that answers") {
  const std::string name = GENERATE("localhost", "LocalHost", "model.localhost");
  const std::string address = GENERATE("127.0.0.1:0", "[::1]:0");
  const Result<Listener> listener = Listener::Open(*ParseListenAddress(address));
  if (!listener) SKIP("this machine has no " + address);
  const int port = ParseListenAddress(listener->address())->port;
  const Result<Target> target = MakeTarget(name, port);
  REQUIRE(target);
  const std::string prefix = address.starts_with("[") ? "ipv6:%5B::1%5D:" : "ipv4:127.0.0.1:";
  CHECK(target->uri == prefix + std::to_string(port));
  CHECK(target->shown == name + ":" + std::to_string(port));
}

}  // namespace
}  // namespace iris
