// SPDX-License-Identifier: Apache-2.0

#include "src/cli/build_info.h"

#include <string>

#include <nlohmann/json.hpp>

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

}  // namespace

BuildInfo GetBuildInfo() {
  return {.name = "iris-predictor",
          .version = IRIS_VERSION,
          .machine = Machine(),
          .libc = LibC(),
          .compiler = Compiler(),
          .licence = kLicence};
}

std::string BuildInfoJson(const BuildInfo& info) {
  const nlohmann::ordered_json object = {{"name", info.name}, {"version", info.version},   {"machine", info.machine},
                                         {"libc", info.libc}, {"compiler", info.compiler}, {"licence", info.licence}};
  return object.dump(2) + "\n";
}

}  // namespace iris
