// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/out_of_memory.h"
#include "src/system/foreign_variables.h"
#include "src/system/signals.h"

int main(int argc, char** argv) {
  iris::BlockSignals();  // before any thread exists
  iris::EndWhenOutOfMemory();
  iris::DropVariables("GRPC_");  // one of them makes gRPC end the process, others have it write what is in messages
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(iris::RunCommandLine(arguments));
}
