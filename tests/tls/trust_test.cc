// SPDX-License-Identifier: Apache-2.0

#include "src/tls/trust.h"

#include "catch_amalgamated.hpp"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

TEST_CASE("every certificate of a file is believed, and nothing else of it is kept") {
  const Folder folder;
  const Made one = MakeAuthority("one");
  const Made two = MakeAuthority("two");
  const std::string content = "# one\n" + one.cert_pem() + one.key_pem() + "# two\n" + two.cert_pem();
  const auto trust = LoadTrust(folder.Write("ca", content));
  REQUIRE(trust);
  CHECK(*trust == one.cert_pem() + two.cert_pem());
}

TEST_CASE("a file without a certificate is refused, as is a damaged one") {
  const Folder folder;
  const Made made = MakeAuthority();
  std::string damaged = made.cert_pem();
  damaged.replace(100, 4, "!!!!");
  for (const std::string& content : {std::string(), std::string("hello"), made.key_pem(), damaged}) {
    CAPTURE(content);
    const std::string file = folder.Write("ca", content);
    const auto trust = LoadTrust(file);
    REQUIRE_FALSE(trust);
    CHECK(trust.error().code == ErrorCode::kConfiguration);
    CHECK_THAT(trust.error().message, ContainsSubstring(file));
  }
  const auto none = LoadTrust("/no/such/file");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kIo);
}

TEST_CASE("a bundle may hold expired certificates, but not only those") {
  const Folder folder;
  const Made old = Make({.name = "old", .san = "", .begin = -2 * kDay, .end = -kDay, .authority = true});
  CHECK(LoadTrust(folder.Write("both", old.cert_pem() + MakeAuthority().cert_pem())));
  const std::string file = folder.Write("old", old.cert_pem());
  const auto trust = LoadTrust(file);
  REQUIRE_FALSE(trust);
  CHECK(trust.error().code == ErrorCode::kConfiguration);
  CHECK_THAT(trust.error().message, StartsWith("the certificate in " + file + " expired on "));
}

TEST_CASE("a pinned certificate is the first of its file, with a name that it is valid for") {
  struct Row {
    Wanted wanted;
    std::string name;
  };
  const Row row = GENERATE(values<Row>({
      {{.name = "cn", .san = "DNS:iris.example,DNS:b"}, "iris.example"},
      {{.name = "cn", .san = "DNS:*.iris.example"}, "any.iris.example"},
      {{.name = "cn", .san = "email:a@b.example,IP:192.0.2.7"}, "192.0.2.7"},
      {{.name = "cn", .san = "IP:2001:db8:0:0::1"}, "2001:db8::1"},
      {{.name = "cn", .san = "URI:spiffe://example/iris"}, "spiffe://example/iris"},
      {{.name = "cn.example", .san = ""}, "cn.example"},
  }));
  const Folder folder;
  const Made authority = MakeAuthority();
  const Made made = Make(row.wanted, &authority);
  const auto pinned = LoadPinnedCertificate(folder.Write("chain", made.cert_pem() + authority.cert_pem()));
  REQUIRE(pinned);
  CHECK(pinned->trust == made.cert_pem());
  CHECK(pinned->name == row.name);
}

TEST_CASE("a certificate without any name, or outside its time, cannot be pinned") {
  const Folder folder;
  const Wanted wanted = GENERATE(Wanted{.name = "", .san = ""}, Wanted{.name = "cn", .san = "email:a@b.example"},
                                 Wanted{.begin = -2 * kDay, .end = -kDay});
  const std::string file = folder.Write("c", Make(wanted).cert_pem());
  const auto pinned = LoadPinnedCertificate(file);
  REQUIRE_FALSE(pinned);
  CHECK(pinned.error().code == ErrorCode::kConfiguration);
  CHECK_THAT(pinned.error().message, StartsWith("the certificate in " + file));
}

}  // namespace
}  // namespace iris
