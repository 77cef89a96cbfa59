// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "catch_amalgamated.hpp"
#include "src/client/client.h"
#include "tests/serving/tls_fixture.h"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

Result<bool> Check(const Running& running, const std::optional<ClientTls>& tls, const std::string& host = "127.0.0.1") {
  const int port = ParseListenAddress(running.address)->port;
  const auto client = Client::Create({.host = host, .port = port, .timeout = 20s, .tls = tls});
  REQUIRE(client);
  return (*client)->CheckHealth("");
}

// Why a check failed.
std::string Why(const Result<bool>& checked) {
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == ErrorCode::kUnavailable);
  CHECK(checked.error().message.find("error:") == std::string::npos);
  return checked.error().message;
}

TEST_CASE("a server is believed under every name that its certificate bears", "[tls]") {
  const Made authority = MakeAuthority();
  const Running running = ServeTls(Make({}, &authority));
  const ClientTls tls{.trust = authority.cert_pem(), .identity = std::nullopt, .server_name = ""};
  CHECK(Check(running, tls) == true);
  CHECK(Check(running, tls, "localhost") == true);
  CHECK(Check(running, tls, "LOCALHOST") == true);
}

TEST_CASE("a certificate may itself be what is believed, under a name of its own", "[tls]") {
  const Made authority = MakeAuthority();
  const Made made = Make({.san = "DNS:iris.example"}, &authority);
  const Running running = ServeTls(made);
  const ClientTls pinned{.trust = made.cert_pem(), .identity = std::nullopt, .server_name = "iris.example"};
  CHECK(Check(running, pinned) == true);
  const Running impostor = ServeTls(Make({.san = "DNS:iris.example"}, &authority));
  CHECK_THAT(Why(Check(impostor, pinned)), ContainsSubstring("not issued by one that is believed"));
}

TEST_CASE("who is not believed: strangers, expired, under another name", "[tls]") {
  const Made authority = MakeAuthority();
  const ClientTls tls{.trust = authority.cert_pem(), .identity = std::nullopt, .server_name = ""};
  CHECK_THAT(Why(Check(ServeTls(Make({})), tls)), ContainsSubstring("not issued by one that is believed"));
  CHECK_THAT(Why(Check(ServeTls(Make({.begin = -2 * kDay, .end = -60}, &authority)), tls)),
             ContainsSubstring("not valid today"));
  CHECK_THAT(Why(Check(ServeTls(Make({.san = "DNS:iris.example"}, &authority)), tls)),
             ContainsSubstring("not made out to 127.0.0.1; give the name that it bears with --tls-server-name"));
  CHECK_THAT(Why(Check(Serve(), tls)), ContainsSubstring("does not speak TLS"));
}

TEST_CASE("a client certificate is shown where the server asks for it", "[tls]") {
  const Made authority = MakeAuthority();
  const Running running = ServeTls(Make({}, &authority), authority.cert_pem());
  ClientTls tls{.trust = authority.cert_pem(), .identity = std::nullopt, .server_name = ""};
  CHECK_THAT(Why(Check(running, tls)), ContainsSubstring("client certificate"));
  tls.identity = Make({.san = ""}).identity();
  CHECK_THAT(Why(Check(running, tls)), ContainsSubstring("client certificate"));
  tls.identity = Make({.san = ""}, &authority).identity();
  CHECK(Check(running, tls) == true);
}

TEST_CASE("a plaintext client learns that TLS may be what is missing", "[tls]") {
  CHECK_THAT(Why(Check(ServeTls(Make({})), std::nullopt)), ContainsSubstring("--tls-ca"));
}

}  // namespace
}  // namespace iris
