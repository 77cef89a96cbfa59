// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/log.h"

#include <fcntl.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"

namespace iris {
namespace {

// What `act` writes to standard error; less than a pipe holds.
std::string StandardError(const std::function<void()>& act) {
  int ends[2];
  REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  const Descriptor saved(dup(STDERR_FILENO));
  dup2(writer.get(), STDERR_FILENO);
  act();
  dup2(saved.get(), STDERR_FILENO);
  char buffer[4096];
  const ssize_t size = read(reader.get(), buffer, sizeof buffer);
  return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
}

TEST_CASE("gRPC's errors are one clean line each, and nothing else of it is shown") {
  RouteGrpcLog();
  // Says how many lines were lost where those of other tests found no reader.
  StandardError([] { gpr_log(GPR_ERROR, "first"); });
  CHECK(StandardError([] { gpr_log(GPR_ERROR, "bad %s", "peer\r\nsays 'listening on x'"); }) ==
        "iris-predictor: grpc: bad peer??says 'listening on x'\n");
  CHECK(StandardError([] {
          gpr_log(GPR_INFO, "payload");
          gpr_log(GPR_DEBUG, "payload");
          gpr_log(GPR_ERROR, "No match found for server name: %s.", "x");
        }).empty());
}

TEST_CASE("an error that comes again and again is one line") {
  RouteGrpcLog();
  CHECK(StandardError([] {
          for (int i = 0; i < 1000; ++i) gpr_log(GPR_ERROR, "Handshake failed: a reason");
        }) == "iris-predictor: grpc: Handshake failed: a reason\n");
}

TEST_CASE("a client's process shows nothing of gRPC's") {
  SilenceGrpcLog();
  CHECK(StandardError([] { gpr_log(GPR_ERROR, "Handshake failed"); }).empty());
  RouteGrpcLog();
  CHECK(StandardError([] { gpr_log(GPR_ERROR, "again"); }) == "iris-predictor: grpc: again\n");
}

}  // namespace
}  // namespace iris
