// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/log.h"

#include <grpc/support/log.h>

#include <string>
#include <string_view>

#include "src/system/log.h"

namespace iris {
namespace {

void WriteGrpcMessage(gpr_log_func_args* message) {
  if (message->severity != GPR_LOG_SEVERITY_ERROR) return;
  // No error: a client named the server as the certificate does not, by a Unix socket for one, and is served.
  if (std::string_view(message->message).starts_with("No match found for server name: ")) return;
  WriteLogLine(std::string("grpc: ") + message->message);
}

}  // namespace

void RouteGrpcLog() {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function(&WriteGrpcMessage);
}

void SilenceGrpcLog() {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace iris
