// SPDX-License-Identifier: Apache-2.0

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <thread>

#include "catch_amalgamated.hpp"
#include "iris.grpc.pb.h"
#include "tests/serving/fixture.h"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

// One prediction over TLS, with gRPC's own client.
grpc::Status Call(const std::string& address, const std::string& trust, const Made* client = nullptr) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = trust;
  if (client != nullptr) {
    options.pem_private_key = client->key_pem();
    options.pem_cert_chain = client->cert_pem();
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto stub =
      ml::IrisPredictor::NewStub(grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 20s);
  ml::IrisPredictReply reply;
  return stub->PredictIrisSpecies(&context, {}, &reply);
}

Running ServeTls(const Made& made, const std::string& client_trust = "") {
  return Serve(IrisModel(), {.tls = ServerTls{.identity = made.identity(), .client_trust = client_trust}});
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
  const Running running = Serve(IrisModel(), {.tls = ServerTls{.identity = identity, .client_trust = ""}});
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
  const auto stub = ml::IrisPredictor::NewStub(Dial(running.address));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 20s);
  ml::IrisPredictReply reply;
  CHECK(stub->PredictIrisSpecies(&context, {}, &reply).error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(Call(running.address, made.cert_pem()).ok());
}

TEST_CASE("a handshake that never goes on does not hold up the end", "[tls]") {
  const Running running = ServeTls(Make({}));
  const Descriptor silent = NewSocket();
  REQUIRE(Connect(silent, running.address));
  std::this_thread::sleep_for(100ms);  // until the server has accepted it
  const auto start = std::chrono::steady_clock::now();
  CHECK(running.server->Drain(10s));
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

}  // namespace
}  // namespace iris
