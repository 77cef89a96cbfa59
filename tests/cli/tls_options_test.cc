// SPDX-License-Identifier: Apache-2.0

#include "src/cli/tls_options.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/cli/credentials_directory.h"
#include "tests/cli/capture.h"
#include "tests/cli/parse.h"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

Error Refused(const ServerTlsOptions& options) {
  const Result<std::shared_ptr<ServerTlsStore>> store = LoadServerTls(options);
  REQUIRE_FALSE(store);
  return store.error();
}

TEST_CASE("without options there is no TLS", "[tls_options]") {
  const Result<std::shared_ptr<ServerTlsStore>> store = LoadServerTls({});
  REQUIRE(store);
  CHECK(*store == nullptr);
}

TEST_CASE("a certificate and its key belong together", "[tls_options]") {
  for (const ServerTlsOptions& options : {ServerTlsOptions{.certificate = "c"}, ServerTlsOptions{.key = "k"},
                                          ServerTlsOptions{.client_ca = "ca"}}) {
    CHECK(Refused(options).code == ErrorCode::kConfiguration);
    CHECK_THAT(Refused(options).message, ContainsSubstring(" is given without "));
  }
  CHECK_THAT(Refused({.certificate = "/no/such", .key = "/no/such"}).message, ContainsSubstring("TLS: cannot open "));
}

TEST_CASE("the credentials directory is used when no option is given", "[tls_options]") {
  const Folder folder;
  const Made authority = MakeAuthority();
  const Made made = Make({});
  const ScopedVariable variable("CREDENTIALS_DIRECTORY", folder.path().c_str());
  Result<std::shared_ptr<ServerTlsStore>> store;
  const auto load = [&store](const ServerTlsOptions& options) {
    return StandardError([&] { store = LoadServerTls(options); });
  };
  CHECK(load({}).empty());  // empty, as for a unit with other credentials
  CHECK(*store == nullptr);

  folder.Write("tls.crt", made.cert_pem());
  folder.Write("tls.key", made.key_pem());
  CHECK(load({}) == "TLS with tls.crt, tls.key of $CREDENTIALS_DIRECTORY (" + folder.path() + ")\n");
  REQUIRE(store);
  CHECK((*store)->Get().tls->identity.private_key == made.key_pem());
  CHECK((*store)->Get().tls->client_trust.empty());
  CHECK((*store)->files().certificate == folder.path() + "/tls.crt");

  folder.Write("client-ca.crt", authority.cert_pem());
  CHECK_THAT(load({}), ContainsSubstring("tls.crt, tls.key, client-ca.crt of"));
  REQUIRE(store);
  CHECK((*store)->Get().tls->client_trust == authority.cert_pem());

  // An option goes before, and then nothing of the folder is used.
  const Made other = Make({});
  const std::string cert = folder.Write("c", other.cert_pem());
  CHECK(load({.certificate = cert, .key = folder.Write("k", other.key_pem())}).empty());
  REQUIRE(store);
  CHECK((*store)->Get().tls->identity.private_key == other.key_pem());
  CHECK((*store)->Get().tls->client_trust.empty());
  load({.client_ca = cert});
  CHECK_FALSE(store);
}

TEST_CASE("half of what TLS needs in the credentials directory is refused", "[tls_options]") {
  const auto [present, missing] = GENERATE(table<std::string, std::string>(
      {{"tls.crt", "no tls.key"}, {"tls.key", "no tls.crt"}, {"client-ca.crt", "no tls.crt"}}));
  const Folder folder;
  folder.Write(present, "");
  const Result<std::optional<ServerTlsFiles>> files = FindCredentials(folder.path());
  REQUIRE_FALSE(files);
  CHECK(files.error().code == ErrorCode::kConfiguration);
  CHECK_THAT(files.error().message, ContainsSubstring(present) && ContainsSubstring(missing) &&
                                        ContainsSubstring("$CREDENTIALS_DIRECTORY (" + folder.path() + ")"));
}

TEST_CASE("a credentials directory that is not there holds nothing", "[tls_options]") {
  for (const std::optional<std::string>& directory : {std::optional<std::string>(), {"/no/such"}}) {
    const Result<std::optional<ServerTlsFiles>> files = FindCredentials(directory);
    REQUIRE(files);
    CHECK_FALSE(*files);
  }
  const ScopedVariable variable("CREDENTIALS_DIRECTORY", "");
  CHECK_FALSE(CredentialsDirectory());
}

}  // namespace
}  // namespace iris
