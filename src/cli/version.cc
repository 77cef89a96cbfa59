// SPDX-License-Identifier: Apache-2.0
//
// version: which program this is and how it was built.

#include <memory>
#include <string>

#include "src/cli/build_info.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/system/signals.h"

namespace iris {
namespace {

ExitCode Version(bool json) {
  RestoreDefaultSignals();
  const BuildInfo info = GetBuildInfo();
  if (json) return PrintResult(BuildInfoJson(info));
  return PrintResult(info.name + " " + info.version + " (" + info.machine + ", " + info.libc + ", " + info.compiler +
                     ")\nlicence " + info.licence + "\n");
}

}  // namespace

std::function<ExitCode()> DefineVersion(CommandDefinition& app) {
  const auto json = std::make_shared<bool>(false);
  AddFlag(app, "--json", "print JSON", *json);
  return [json] { return Version(*json); };
}

}  // namespace iris
