// SPDX-License-Identifier: Apache-2.0

#include "src/cli/server_address.h"

#include <string>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

ClientOptions Follow(const std::string& listen, bool host_given = false, bool port_given = false) {
  ClientOptions options;
  if (host_given) options.host = "given";
  if (port_given) options.port = 1;
  REQUIRE(FollowListenAddress("IRIS_LISTEN", listen, host_given, port_given, options));
  return options;
}

TEST_CASE("without IRIS_LISTEN the defaults stay", "[server_address]") {
  CHECK(Follow("").host == "localhost");
  CHECK(Follow("").port == 50052);
}

TEST_CASE("the first listen address is followed, wildcards as loopback", "[server_address]") {
  CHECK(Follow("127.0.0.2:6000,unix:/x").host == "127.0.0.2");
  CHECK(Follow("127.0.0.2:6000").port == 6000);
  CHECK(Follow("0.0.0.0:6000").host == "127.0.0.1");
  CHECK(Follow("[::]:6000").host == "localhost");
  CHECK(Follow(":6000").host == "localhost");
  CHECK(Follow(":6000").port == 6000);
  CHECK(Follow("[::1]:6000").host == "::1");
  CHECK(Follow("unix:/run/iris.sock").host == "unix:/run/iris.sock");
}

TEST_CASE("what the flags say stays", "[server_address]") {
  CHECK(Follow("127.0.0.2:6000", true, false).host == "given");
  CHECK(Follow("127.0.0.2:6000", true, false).port == 6000);
  CHECK(Follow("127.0.0.2:6000", false, true).host == "127.0.0.2");
  CHECK(Follow("127.0.0.2:6000", false, true).port == 1);
  CHECK(Follow("unix:/x", true, false).host == "given");
  CHECK(Follow("unix:/x", false, true).host == "localhost");
  CHECK(Follow("nonsense", true, true).host == "given");
}

TEST_CASE("an address that cannot be followed is a configuration error", "[server_address]") {
  ClientOptions options;
  for (const char* bad : {"nonsense", "127.0.0.1:0", "127.0.0.1:99999"}) {
    const Result<void> followed = FollowListenAddress("IRIS_LISTEN", bad, false, false, options);
    REQUIRE_FALSE(followed);
    CHECK(followed.error().code == ErrorCode::kConfiguration);
    CHECK(followed.error().message.starts_with("IRIS_LISTEN: "));
  }
}

}  // namespace
}  // namespace iris
