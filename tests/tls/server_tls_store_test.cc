// SPDX-License-Identifier: Apache-2.0

#include "src/tls/server_tls_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "catch_amalgamated.hpp"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

/// The three files in a folder, and the store on them.
struct Served {
  Folder folder;
  Made authority = MakeAuthority();
  Made made = Make({}, &authority);
  std::shared_ptr<ServerTlsStore> store;

  Served() {
    Write(made);
    folder.Write("ca", authority.cert_pem());
    auto loaded = ServerTlsStore::Load(
        {.certificate = folder.path() + "/c", .key = folder.path() + "/k", .client_ca = folder.path() + "/ca"});
    REQUIRE(loaded);
    store = *loaded;
  }
  void Write(const Made& now) const {
    folder.Write("c", now.cert_pem());
    folder.Write("k", now.key_pem());
  }
  void CheckIs(const Made& now, std::uint64_t version) const {
    const ServerTlsStore::Snapshot snapshot = store->Get();
    CHECK(snapshot.version == version);
    CHECK(snapshot.tls->identity.certificate_chain == now.cert_pem());
    CHECK(snapshot.tls->identity.private_key == now.key_pem());
  }
};

TEST_CASE("what the files hold is had, and again when they hold something else") {
  const Served served;
  served.CheckIs(served.made, 1);
  CHECK(served.store->Get().tls->client_trust == served.authority.cert_pem());
  CHECK(served.store->Get().tls->identity.valid_until.ends_with(" UTC"));
  CHECK_FALSE(served.store->FilesChanged());
  CHECK(served.store->Reload() == false);
  served.CheckIs(served.made, 1);

  const auto held = served.store->Get().tls;  // as by a handshake that goes on
  const Made next = Make({}, &served.authority);
  served.Write(next);
  CHECK(served.store->FilesChanged());
  served.CheckIs(served.made, 1);  // nothing is read by asking
  CHECK(served.store->Reload() == true);
  served.CheckIs(next, 2);
  CHECK_FALSE(served.store->FilesChanged());
  CHECK(held->identity.certificate_chain == served.made.cert_pem());

  const Made clients = MakeAuthority("clients");
  served.folder.Write("ca", clients.cert_pem());
  CHECK(served.store->FilesChanged());
  CHECK(served.store->Reload() == true);
  served.CheckIs(next, 3);
  CHECK(served.store->Get().tls->client_trust == clients.cert_pem());
}

TEST_CASE("what cannot be used is refused, and the old stays") {
  const Served served;
  const Folder& folder = served.folder;
  const Made next = Make({}, &served.authority);
  const Made old = Make({.begin = -2 * kDay, .end = -60}, &served.authority);
  const std::string cert = next.cert_pem();
  struct Row {
    std::string certificate, key, client_ca, message;
    ErrorCode code = ErrorCode::kConfiguration;
  };
  const std::string ca = served.authority.cert_pem();
  for (const Row& row : {
           Row{cert, served.made.key_pem(), ca, "does not belong to the certificate"},
           Row{served.made.cert_pem(), next.key_pem(), ca, "does not belong to the certificate"},
           Row{cert.substr(0, cert.size() / 2), next.key_pem(), ca, folder.path() + "/c"},
           Row{cert, next.key_pem().substr(0, 100), ca, "the private key in " + folder.path() + "/k is damaged"},
           Row{"", next.key_pem(), ca, folder.path() + "/c is empty"},
           Row{cert, "", ca, folder.path() + "/k is empty"},
           Row{old.cert_pem(), old.key_pem(), ca, "expired on"},
           Row{cert, next.key_pem(), "", folder.path() + "/ca is empty"},
           Row{cert, next.key_pem(), "hello\n", folder.path() + "/ca holds no certificate"},
           Row{cert, next.key_pem(), old.cert_pem(), "expired on"},
       }) {
    CAPTURE(row.message);
    folder.Write("c", row.certificate);
    folder.Write("k", row.key);
    folder.Write("ca", row.client_ca);
    const Result<bool> reloaded = served.store->Reload();
    REQUIRE_FALSE(reloaded);
    CHECK(reloaded.error().code == row.code);
    CHECK_THAT(reloaded.error().message, ContainsSubstring(row.message));
    if (!row.key.empty()) CHECK(reloaded.error().message.find(row.key.substr(30, 8)) == std::string::npos);
    served.CheckIs(served.made, 1);
    CHECK(served.store->Get().tls->client_trust == ca);
  }
  std::filesystem::remove(folder.path() + "/k");
  CHECK(served.store->FilesChanged());
  CHECK(served.store->Reload().error().code == ErrorCode::kIo);
  served.CheckIs(served.made, 1);

  // All of them whole again.
  served.Write(next);
  folder.Write("ca", ca);
  CHECK(served.store->Reload() == true);
  served.CheckIs(next, 2);
}

TEST_CASE("a link that is turned elsewhere is a change, as is a copy that keeps size and date") {
  const Folder folder;
  const Made one = Make({});
  const Made two = Make({});
  for (const auto& [name, made] : {std::pair{"1", &one}, std::pair{"2", &two}}) {
    std::filesystem::create_directory(folder.path() + "/" + name);
    folder.Write(std::string(name) + "/c", made->cert_pem());
    folder.Write(std::string(name) + "/k", made->key_pem());
  }
  // As Kubernetes does: c → now/c, now → 1, and then a new link is renamed over "now".
  std::filesystem::create_symlink("1", folder.path() + "/now");
  for (const char* name : {"c", "k"}) {
    std::filesystem::create_symlink(std::string("now/") + name, folder.path() + "/" + name);
  }
  const auto store = ServerTlsStore::Load(
      {.certificate = folder.path() + "/c", .key = folder.path() + "/k", .client_ca = ""});
  REQUIRE(store);
  CHECK_FALSE((*store)->FilesChanged());
  std::filesystem::create_symlink("2", folder.path() + "/next");
  std::filesystem::rename(folder.path() + "/next", folder.path() + "/now");
  CHECK((*store)->FilesChanged());
  CHECK((*store)->Reload() == true);
  CHECK((*store)->Get().tls->identity.private_key == two.key_pem());

  const std::string key = folder.path() + "/2/k";
  struct stat before{};
  REQUIRE(stat(key.c_str(), &before) == 0);
  folder.Write("2/k", two.key_pem());
  const std::array<timespec, 2> times = {before.st_atim, before.st_mtim};
  REQUIRE(utimensat(AT_FDCWD, key.c_str(), times.data(), 0) == 0);
  CHECK((*store)->FilesChanged());
  CHECK((*store)->Reload() == false);  // the same content
  CHECK_FALSE((*store)->FilesChanged());
}

TEST_CASE("while files are exchanged all the time, certificate and key are always of one time") {
  const Folder folder;
  const Made one = Make({});
  const Made two = Make({});
  for (const auto& [name, made] : {std::pair{"1", &one}, std::pair{"2", &two}}) {
    std::filesystem::create_directory(folder.path() + "/" + name);
    folder.Write(std::string(name) + "/c", made->cert_pem());
    folder.Write(std::string(name) + "/k", made->key_pem());
  }
  std::filesystem::create_symlink("1", folder.path() + "/now");
  const auto loaded = ServerTlsStore::Load(
      {.certificate = folder.path() + "/now/c", .key = folder.path() + "/now/k", .client_ca = ""});
  REQUIRE(loaded);
  const std::shared_ptr<ServerTlsStore> store = *loaded;

  // One exchange for each reading, at any moment of it: a reading that it disturbs is repeated undisturbed.
  constexpr int kReadings = 200;
  std::atomic<int> begun = 0;
  std::atomic<int> exchanged = 0;
  std::thread exchanging([&] {
    for (int i = 1; i <= kReadings; ++i) {
      while (begun < i) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::microseconds(i));
      std::filesystem::create_symlink(i % 2 == 0 ? "1" : "2", folder.path() + "/next");
      std::filesystem::rename(folder.path() + "/next", folder.path() + "/now");
      exchanged = i;
    }
  });
  std::thread reading([&] {
    while (exchanged < kReadings) {
      const auto tls = store->Get().tls;
      const bool first = tls->identity.private_key == one.key_pem();
      if (tls->identity.certificate_chain != (first ? one : two).cert_pem()) std::abort();
      std::this_thread::yield();
    }
  });
  int changes = 0;
  int failures = 0;
  for (int i = 1; i <= kReadings; ++i) {
    begun = i;
    const Result<bool> reloaded = store->Reload();
    if (!reloaded) ++failures;
    if (reloaded && *reloaded) ++changes;
    while (exchanged < i) std::this_thread::yield();
  }
  exchanging.join();
  reading.join();
  CHECK(failures == 0);
  CHECK(changes > 0);
  CHECK(store->Reload());
  CHECK(store->Get().tls->identity.private_key == one.key_pem());
}

TEST_CASE("what can be read only once is never waited for") {
  const Folder folder;
  const Made made = Make({});
  const std::string pipe = folder.path() + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] { folder.Write("pipe", made.key_pem()); });
  const auto store = ServerTlsStore::Load(
      {.certificate = folder.Write("c", made.cert_pem()), .key = pipe, .client_ca = ""});
  writer.join();
  REQUIRE(store);
  CHECK_FALSE((*store)->FilesChanged());
  const Result<bool> reloaded = (*store)->Reload();
  REQUIRE_FALSE(reloaded);
  CHECK_THAT(reloaded.error().message, ContainsSubstring(pipe + " is not a regular file"));
}

TEST_CASE("what no file stands behind stays as it is") {
  const Made made = Make({});
  ServerTlsStore store(ServerTls{.identity = made.identity(), .client_trust = ""});
  CHECK(store.Reload() == false);
  CHECK_FALSE(store.FilesChanged());
  CHECK(store.Get().version == 1);
  CHECK(store.Get().tls->identity.private_key == made.key_pem());
}

TEST_CASE("files that cannot be used at the start are an error") {
  const Folder folder;
  const Made made = Make({});
  const std::string cert = folder.Write("c", made.cert_pem());
  const auto none = ServerTlsStore::Load({.certificate = cert, .key = folder.path() + "/none", .client_ca = ""});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kIo);
  const auto trust = ServerTlsStore::Load(
      {.certificate = cert, .key = folder.Write("k", made.key_pem()), .client_ca = folder.Write("ca", "")});
  REQUIRE_FALSE(trust);
  CHECK(trust.error().code == ErrorCode::kConfiguration);
}

}  // namespace
}  // namespace iris
