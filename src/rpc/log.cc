// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "src/rpc/log_throttle.h"
#include "src/system/log.h"

namespace iris {
namespace {

// A failed TLS handshake is such a line, and costs a client next to nothing.
std::vector<std::string> Throttled(std::string_view message) {
  // Never destroyed, because gRPC's threads may have something to say while the process ends.
  static std::mutex& mutex = *new std::mutex;
  static LogThrottle& throttle = *new LogThrottle;
  const std::lock_guard lock(mutex);
  return throttle.Take(message, LogThrottle::Clock::now());
}

void WriteGrpcMessage(gpr_log_func_args* message) {
  if (message->severity != GPR_LOG_SEVERITY_ERROR) return;
  // No error of the server's, and what a client sends is not for the log.
  if (std::string_view(message->message).starts_with("Error parsing metadata: ")) return;
  // No error: a client named the server as the certificate does not, by a Unix socket for one, and is served.
  if (std::string_view(message->message).starts_with("No match found for server name: ")) return;
  // No error: a client hung up before it was taken in, and has no address any more.
  if (std::string_view(message->message).starts_with("Failed getpeername: ")) return;
  for (const std::string& line : Throttled(message->message)) Log(LogLevel::kError, "grpc: " + line);
}

}  // namespace

void RouteGrpcLog() {
  google::protobuf::SetLogHandler(nullptr);  // all it has to say is what a message held that it refused
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function(&WriteGrpcMessage);
}

void SilenceGrpcLog() {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace iris
