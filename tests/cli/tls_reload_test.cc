// SPDX-License-Identifier: Apache-2.0

#include "src/cli/tls_reload.h"

#include <chrono>
#include <optional>
#include <string>

#include "catch_amalgamated.hpp"
#include "tests/cli/capture.h"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;

/// Valid for longer than the warnings of an expiry reach.
Made MakeLong() { return Make({.end = 60 * kDay}); }

/// A store on two files, and what serve does with it.
struct Reloaded {
  Folder folder;
  Made made = MakeLong();
  std::shared_ptr<ServerTlsStore> store;
  std::optional<TlsReload> reload;

  explicit Reloaded(std::chrono::milliseconds interval) {
    Write(made);
    auto loaded =
        ServerTlsStore::Load({.certificate = folder.path() + "/c", .key = folder.path() + "/k", .client_ca = ""});
    REQUIRE(loaded);
    store = *loaded;
    reload.emplace(store, interval);
  }
  void Write(const Made& now) const {
    folder.Write("c", now.cert_pem());
    folder.Write("k", now.key_pem());
  }
  std::string LogOfReload() {
    return StandardError([&] { reload->Reload(); });
  }
  /// Also checks when it wants to look again.
  std::string LogOfLook(std::chrono::milliseconds next) {
    return StandardError([&] { CHECK(reload->Look() == next); });
  }
  std::string Failed() const {
    return "iris-predictor: cannot reload the certificate: the key in " + folder.path() +
           "/k does not belong to the certificate in " + folder.path() + "/c; give the two that were made together; " +
           "the old one stays, valid until " + store->Get().tls->identity.valid_until + "\n";
  }
  std::string Done(const std::string& begin) const {
    return begin + folder.path() + "/c, valid until " + store->Get().tls->identity.valid_until + "\n";
  }
};

TEST_CASE("when it is asked for, it says what came of it", "[tls_reload]") {
  Reloaded it(0ms);
  CHECK(it.LogOfReload() == it.Done("unchanged: the certificate "));
  it.Write(Make({.end = 70 * kDay}));
  CHECK(it.LogOfReload() == it.Done("reloaded the certificate "));
  CHECK(it.store->Get().version == 2);
  it.folder.Write("k", it.made.key_pem());
  CHECK(it.LogOfReload() == it.Failed());
  CHECK(it.LogOfReload() == it.Failed());  // asked again, told again
  CHECK(it.store->Get().version == 2);
  CHECK(it.reload->Look() == std::nullopt);  // never by itself
}

TEST_CASE("a certificate that is about to expire is taken, with a warning", "[tls_reload]") {
  Reloaded it(0ms);
  it.Write(Make({.end = 3 * kDay}));
  const std::string log = it.LogOfReload();
  CHECK_THAT(log, StartsWith(it.Done("reloaded the certificate ")));
  CHECK_THAT(log, ContainsSubstring("warning: the certificate " + it.folder.path() + "/c expires on "));
}

TEST_CASE("by itself it speaks of changes only", "[tls_reload]") {
  Reloaded it(10s);
  CHECK(it.LogOfLook(10s).empty());
  const Made next = MakeLong();
  it.Write(next);
  CHECK(it.LogOfLook(10s) == it.Done("reloaded the certificate "));
  CHECK(it.LogOfLook(10s).empty());
  it.Write(next);  // touched
  CHECK(it.LogOfLook(10s).empty());
  CHECK(it.store->Get().version == 2);
}

TEST_CASE("a pair that is replaced one after the other alarms nobody", "[tls_reload]") {
  Reloaded it(10s);
  const Made next = MakeLong();
  it.folder.Write("c", next.cert_pem());
  CHECK(it.LogOfLook(1s).empty());
  it.folder.Write("k", next.key_pem());
  CHECK(it.LogOfLook(10s) == it.Done("reloaded the certificate "));
}

TEST_CASE("a failure that lasts is told once, and so is its end", "[tls_reload]") {
  Reloaded it(10s);
  it.folder.Write("c", MakeLong().cert_pem());
  CHECK(it.LogOfLook(1s).empty());
  CHECK(it.LogOfLook(10s) == it.Failed());
  CHECK(it.LogOfLook(10s).empty());
  it.folder.Write("c", "");
  CHECK_THAT(it.LogOfLook(10s), StartsWith("iris-predictor: cannot reload the certificate: " + it.folder.path() +
                                           "/c is empty"));  // another one
  CHECK(it.LogOfLook(10s).empty());
  it.Write(it.made);
  CHECK(it.LogOfLook(10s) == it.Done("unchanged: the certificate "));
  CHECK(it.LogOfLook(10s).empty());
  CHECK(it.store->Get().version == 1);
}

TEST_CASE("a certificate of tomorrow is taken tomorrow, though its file stays the same", "[tls_reload]") {
  Reloaded it(10s);
  const Made young = Make({.begin = 2, .end = 60 * kDay});
  it.Write(young);
  CHECK(it.LogOfLook(1s).empty());
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  while (it.store->Get().version == 1) {
    REQUIRE(std::chrono::steady_clock::now() < give_up);
    StandardError([&] { it.reload->Look(); });
    usleep(50'000);
  }
  CHECK(it.store->Get().tls->identity.private_key == young.key_pem());
}

TEST_CASE("it never looks more often than makes sense", "[tls_reload]") {
  Reloaded it(1ms);
  CHECK(it.LogOfLook(100ms).empty());
}

TEST_CASE("the client CA is spoken of, too", "[tls_reload]") {
  const Folder folder;
  const Made made = MakeLong();
  const auto store = ServerTlsStore::Load({.certificate = folder.Write("c", made.cert_pem()),
                                           .key = folder.Write("k", made.key_pem()),
                                           .client_ca = folder.Write("ca", MakeAuthority().cert_pem())});
  REQUIRE(store);
  TlsReload reload(*store, 0ms);
  folder.Write("ca", MakeAuthority("next").cert_pem());
  CHECK_THAT(StandardError([&] { reload.Reload(); }),
             Matches("reloaded the certificate .*/c and the client CA .*/ca, valid until 20.*\n"));
}

}  // namespace
}  // namespace iris
