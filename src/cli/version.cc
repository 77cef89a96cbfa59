// SPDX-License-Identifier: Apache-2.0
//
// version: which program this is and how it was built.

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/system/signals.h"

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

namespace iris {
namespace {

constexpr const char* kLicence = "Apache-2.0";

std::string Compiler() {
#if defined(__clang__)
  return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + "." +
         std::to_string(__clang_patchlevel__);
#else
  return std::string("gcc ") + __VERSION__;
#endif
}

std::string LibC() {
#if defined(__GLIBC__)
  return std::string("glibc ") + ::gnu_get_libc_version();
#else
  return "musl";  // which gives no macro for itself; the only other library that this program is built with
#endif
}

std::string Machine() {
#if defined(__x86_64__)
  return "x86_64";
#elif defined(__aarch64__)
  return "aarch64";
#else
  return "unknown";
#endif
}

ExitCode Version(bool json) {
  RestoreDefaultSignals();
  if (!json) {
    return PrintResult(std::string("iris-predictor ") + IRIS_VERSION + " (" + Machine() + ", " + LibC() + ", " +
                       Compiler() + ")\nlicence " + kLicence + "\n");
  }
  const nlohmann::ordered_json object = {{"name", "iris-predictor"}, {"version", IRIS_VERSION},
                                         {"machine", Machine()},     {"libc", LibC()},
                                         {"compiler", Compiler()},   {"licence", kLicence}};
  return PrintResult(object.dump(2) + "\n");
}

}  // namespace

std::function<ExitCode()> DefineVersion(CLI::App& app) {
  const auto json = std::make_shared<bool>(false);
  AddFlag(app, "--json", "print JSON", *json);
  return [json] { return Version(*json); };
}

}  // namespace iris
