// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <string_view>

#include "catch_amalgamated.hpp"
#include "src/system/listener.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

struct Right {
  std::string_view text;
  std::string_view host;
  int port;
  std::string_view unix_path;
};

TEST_CASE("listen addresses that are right") {
  const Right row = GENERATE(values<Right>({
      {"[::]:50052", "::", 50052, ""},
      {":50052", "::", 50052, ""},
      {"0.0.0.0:1", "0.0.0.0", 1, ""},
      {"127.0.0.1:0", "127.0.0.1", 0, ""},
      {"localhost:65535", "localhost", 65535, ""},
      {"[::1]:50052", "::1", 50052, ""},
      {"[fe80::1%eth0]:8080", "fe80::1%eth0", 8080, ""},
      {"my-host.example_1:00080", "my-host.example_1", 80, ""},
      {"unix:/run/iris.sock", "", 0, "/run/iris.sock"},
      {"unix:relative:with:colons", "", 0, "relative:with:colons"},
  }));
  CAPTURE(row.text);
  const Result<ListenAddress> address = ParseListenAddress(row.text);
  REQUIRE(address);
  CHECK(address->host == row.host);
  CHECK(address->port == row.port);
  CHECK(address->unix_path == row.unix_path);
}

struct Wrong {
  std::string_view text;
  std::string_view reason;
};

TEST_CASE("listen addresses that are wrong say what and show a right one") {
  const Wrong row = GENERATE(values<Wrong>({
      {"", "no port"},
      {"50052", "no port"},
      {"localhost", "no port"},
      {":", "the port must be a number from 0 to 65535"},
      {"localhost:", "the port must be a number"},
      {"localhost:http", "the port must be a number"},
      {"localhost:-1", "the port must be a number"},
      {"localhost:+1", "the port must be a number"},
      {"localhost: 1", "the port must be a number"},
      {"localhost:65536", "the port must be a number"},
      {"localhost:99999999999999999999", "the port must be a number"},
      {"localhost:000001", "the port must be a number"},
      {"::1:50052", "needs brackets"},
      {"[::1:50052", "brackets"},
      {"::1]:50052", "brackets"},
      {"[]:50052", "brackets"},
      {"[localhost]:50052", "no IPv6 address between the brackets"},
      {"[::1/64]:50052", "no IPv6 address between the brackets"},
      {"[::1]", "no port"},
      {"http://localhost:50052", "needs brackets"},
      {"a b:50052", "no host name"},
      {"a/b:50052", "no host name"},
      {"unix:", "the path is empty"},
  }));
  CAPTURE(row.text);
  const Result<ListenAddress> address = ParseListenAddress(row.text);
  REQUIRE_FALSE(address);
  CHECK(address.error().code == ErrorCode::kInvalidArgument);
  CHECK_THAT(address.error().message, ContainsSubstring(std::string(row.reason)));
  CHECK_THAT(address.error().message, ContainsSubstring("[::]:50052"));
}

TEST_CASE("a Unix path may be as long as the system takes, and no longer") {
  CHECK(ParseListenAddress("unix:" + std::string(107, 'a')));
  const Result<ListenAddress> address = ParseListenAddress("unix:" + std::string(108, 'a'));
  REQUIRE_FALSE(address);
  CHECK_THAT(address.error().message, ContainsSubstring("108 bytes"));
  CHECK_FALSE(ParseListenAddress(std::string_view("unix:a\0b", 8)));
}

TEST_CASE("a control character in an address does not reach the terminal") {
  const Result<ListenAddress> address = ParseListenAddress("\x1b[31m:1");
  REQUIRE_FALSE(address);
  CHECK(address.error().message.find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace iris
