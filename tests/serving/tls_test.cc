// SPDX-License-Identifier: Apache-2.0

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "iris.grpc.pb.h"
#include "tests/serving/tls_fixture.h"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

/// gRPC's own client, on a connection of its own.
class Connection {
 public:
  Connection(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    stub_ = ml::IrisPredictor::NewStub(grpc::CreateCustomChannel(address, credentials, arguments));
  }
  Connection(const std::string& address, const std::string& trust, const Made* client = nullptr)
      : Connection(address, grpc::SslCredentials({.pem_root_certs = trust,
                                                  .pem_private_key = client == nullptr ? "" : client->key_pem(),
                                                  .pem_cert_chain = client == nullptr ? "" : client->cert_pem()})) {}

  /// One prediction.
  grpc::Status Call() const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 20s);
    ml::IrisPredictReply reply;
    return stub_->PredictIrisSpecies(&context, {}, &reply);
  }

 private:
  std::unique_ptr<ml::IrisPredictor::Stub> stub_;
};

grpc::Status Call(const std::string& address, const std::string& trust, const Made* client = nullptr) {
  return Connection(address, trust, client).Call();
}

grpc::Status CallPlaintext(const std::string& address) {
  return Connection(address, grpc::InsecureChannelCredentials()).Call();
}

TEST_CASE("over TLS the server shows its certificate", "[tls]") {
  const Made authority = MakeAuthority();
  const Running running = ServeTls(Make({}, &authority));
  CHECK(Call(running.address, authority.cert_pem()).ok());
  CHECK(Call(running.address, MakeAuthority("stranger").cert_pem()).error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("a chain is shown whole: who believes the root alone is content", "[tls]") {
  const Made root = MakeAuthority("root");
  const Made middle = Make({.name = "middle", .san = "", .authority = true}, &root);
  const Made made = Make({}, &middle);
  TlsIdentity identity = made.identity();
  identity.certificate_chain += middle.cert_pem();
  const Running running = ServeTls(ServerTls{.identity = identity, .client_trust = ""});
  CHECK(Call(running.address, root.cert_pem()).ok());
}

TEST_CASE("clients must show a certificate where that is asked for", "[tls]") {
  const Made authority = MakeAuthority("for servers");
  const Made clients = MakeAuthority("for clients");
  const Running running = ServeTls(Make({}, &authority), clients.cert_pem());
  const std::string trust = authority.cert_pem();
  const Made good = Make({.name = "client", .san = ""}, &clients);
  const Made stranger = Make({.name = "client", .san = ""}, &authority);
  const Made old = Make({.name = "client", .san = "", .begin = -2 * kDay, .end = -60}, &clients);
  CHECK(Call(running.address, trust, &good).ok());
  CHECK(Call(running.address, trust).error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(Call(running.address, trust, &stranger).error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(Call(running.address, trust, &old).error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(Call(running.address, trust, &good).ok());
}

TEST_CASE("whoever speaks plaintext to TLS is turned away, and the server goes on", "[tls]") {
  const Made made = Make({});
  const Running running = ServeTls(made);
  CHECK(CallPlaintext(running.address).error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(Call(running.address, made.cert_pem()).ok());
}

/// A store on files that a test can exchange.
struct Rotating {
  Folder folder;
  std::shared_ptr<ServerTlsStore> store;

  explicit Rotating(const Made& made, const std::string& client_trust = "") {
    Write(made);
    const std::string ca = client_trust.empty() ? "" : folder.Write("ca", client_trust);
    auto loaded = ServerTlsStore::Load(
        {.certificate = folder.path() + "/c", .key = folder.path() + "/k", .client_ca = ca});
    REQUIRE(loaded);
    store = *loaded;
  }
  void Write(const Made& made) const {
    folder.Write("c", made.cert_pem());
    folder.Write("k", made.key_pem());
  }
};

TEST_CASE("a new certificate is shown from the next handshake on, and connections stay", "[tls]") {
  const Made first = MakeAuthority("first");
  const Made second = MakeAuthority("second");
  const Rotating rotating(Make({}, &first));
  const Running running = ServeTls(rotating.store);
  const Connection connection(running.address, first.cert_pem());
  CHECK(connection.Call().ok());
  rotating.Write(Make({}, &second));
  CHECK(Call(running.address, first.cert_pem()).ok());  // nobody has read it yet
  REQUIRE(rotating.store->Reload() == true);
  CHECK(Call(running.address, second.cert_pem()).ok());
  CHECK(Call(running.address, first.cert_pem()).error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(connection.Call().ok());  // it believes the first alone, so it has not connected again

  // A pair that does not match changes nothing, for whatever handshakes come.
  rotating.folder.Write("k", first.key_pem());
  REQUIRE_FALSE(rotating.store->Reload());
  CHECK(Call(running.address, second.cert_pem()).ok());
  CHECK(connection.Call().ok());
}

TEST_CASE("client trust is exchanged as well", "[tls]") {
  const Made authority = MakeAuthority("for servers");
  const Made first = MakeAuthority("first clients");
  const Made second = MakeAuthority("second clients");
  const Rotating rotating(Make({}, &authority), first.cert_pem());
  const Running running = ServeTls(rotating.store);
  const Made one = Make({.name = "client", .san = ""}, &first);
  const Made two = Make({.name = "client", .san = ""}, &second);
  const std::string trust = authority.cert_pem();
  CHECK(Call(running.address, trust, &one).ok());
  CHECK_FALSE(Call(running.address, trust, &two).ok());
  rotating.folder.Write("ca", second.cert_pem());
  REQUIRE(rotating.store->Reload() == true);
  CHECK_FALSE(Call(running.address, trust, &one).ok());
  CHECK(Call(running.address, trust, &two).ok());
  CHECK_FALSE(Call(running.address, trust).ok());
}

TEST_CASE("handshakes and exchanges at the same time", "[tls]") {
  const Made authority = MakeAuthority();
  const Rotating rotating(Make({}, &authority));
  const Running running = ServeTls(rotating.store);
  std::atomic<int> failed = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      for (int n = 0; n < 20; ++n) failed += Call(running.address, authority.cert_pem()).ok() ? 0 : 1;
    });
  }
  for (int n = 0; n < 20; ++n) {
    rotating.Write(Make({}, &authority));
    CHECK(rotating.store->Reload() == true);
    std::this_thread::sleep_for(5ms);
  }
  for (std::thread& client : clients) client.join();
  CHECK(failed == 0);
}

TEST_CASE("plaintext and TLS are served side by side", "[tls]") {
  const Made made = Make({});
  std::vector<ServedListener> listeners;
  for (const bool tls : {true, false, true, false}) listeners.push_back({.listener = ListenOnLoopback(), .tls = tls});
  std::vector<std::string> addresses;
  for (const ServedListener& served : listeners) addresses.push_back(served.listener.address());
  const auto store = std::make_shared<const ServerTlsStore>(ServerTls{.identity = made.identity(), .client_trust = ""});
  const auto server = Server::Start(Served(), std::move(listeners), {.tls = store});
  REQUIRE(server);
  for (const std::size_t i : {0u, 2u}) {
    CHECK(Call(addresses[i], made.cert_pem()).ok());
    CHECK(CallPlaintext(addresses[i]).error_code() == grpc::StatusCode::UNAVAILABLE);
  }
  for (const std::size_t i : {1u, 3u}) {
    CHECK(Call(addresses[i], made.cert_pem()).error_code() == grpc::StatusCode::UNAVAILABLE);
    CHECK(CallPlaintext(addresses[i]).ok());
  }
}

TEST_CASE("a handshake that never goes on does not hold up the end", "[tls]") {
  const Running running = ServeTls(Make({}));
  const Descriptor silent = NewSocket();
  REQUIRE(Connect(silent, running.address));
  std::this_thread::sleep_for(100ms);  // until the server has accepted it
  const auto start = std::chrono::steady_clock::now();
  CHECK(running.server->Drain(60s));
  CHECK(std::chrono::steady_clock::now() - start < 20s);
}

}  // namespace
}  // namespace iris
