// SPDX-License-Identifier: Apache-2.0

#include "src/cli/systemd_unit.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/cli/embedded_files.h"
#include "tests/cli/run.h"

namespace iris {
namespace {

TEST_CASE("the version is read from what systemctl prints", "[systemd_unit]") {
  CHECK(ReadSystemdVersion("systemd 252 (252.38-1~deb12u1)\n+PAM +AUDIT\n") == 252);
  CHECK(ReadSystemdVersion("systemd 257.9") == 257);
  CHECK(ReadSystemdVersion("") == std::nullopt);
  CHECK(ReadSystemdVersion("systemd ") == std::nullopt);
  CHECK(ReadSystemdVersion("runit 2") == std::nullopt);
}

TEST_CASE("a unit is told of reloads where systemd knows how", "[systemd_unit]") {
  const std::string plain = WholeText(EmbeddedUnit()[0]);
  CHECK(UnitForSystemd(plain, std::nullopt) == plain);
  CHECK(UnitForSystemd(plain, 252) == plain);
  const std::string told = UnitForSystemd(plain, 253);
  CHECK(plain.find("\nType=notify\n") != std::string::npos);
  CHECK(plain.find("\nExecReload=sh -c 'kill -HUP $MAINPID'\n") != std::string::npos);
  CHECK(told.find("\nType=notify-reload\n") != std::string::npos);
  CHECK(told.find("\nType=notify\n") == std::string::npos);
  CHECK(told.find("ExecReload") == std::string::npos);
  CHECK(told.find("\nWatchdogSec=30\n") != std::string::npos);  // and the rest is there
}

TEST_CASE("print unit asks this machine's systemctl, unless it is told", "[systemd_unit]") {
  const std::string plain = WholeText(EmbeddedUnit()[0]);
  std::string folder = (std::filesystem::temp_directory_path() / "iris-unit-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string path = std::getenv("PATH");
  const auto with_systemctl = [&](const std::string& script) {
    std::ofstream(folder + "/systemctl") << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(folder + "/systemctl", std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder + ":" + path).c_str(), 1);
    const Outcome outcome = Run({"print", "unit"});
    ::setenv("PATH", path.c_str(), 1);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.messages.empty());
    return outcome.output;
  };
  CHECK(with_systemctl("echo 'systemd 257 (257.9)'") == UnitForSystemd(plain, 257));
  CHECK(with_systemctl("echo 'systemd 247 (247.3)'") == plain);
  CHECK(with_systemctl("exit 1") == plain);
  CHECK(with_systemctl("echo nothing known") == plain);
  ::setenv("PATH", "/nonexistent", 1);
  CHECK(Run({"print", "unit"}).output == plain);
  ::setenv("PATH", path.c_str(), 1);
  std::filesystem::remove_all(folder);

  CHECK(Run({"print", "unit", "--systemd-version", "252"}).output == plain);
  CHECK(Run({"print", "unit", "--systemd-version", "260"}).output == UnitForSystemd(plain, 260));
  CheckRefused({"print", "unit", "--systemd-version", "new"},
               "--systemd-version: found \"new\", expected a version such as 252");
  CheckRefused({"print", "proto", "--systemd-version", "252"},
               "--systemd-version is for 'print unit'; 'proto' is the same for every version");
}

}  // namespace
}  // namespace iris
