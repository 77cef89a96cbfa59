// SPDX-License-Identifier: Apache-2.0

#include "src/cli/log_options.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/cli/settings.h"
#include "src/system/log.h"
#include "tests/cli/capture.h"
#include "tests/cli/parse.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

class Reloading {
 public:
  explicit Reloading(const std::string& content) : path_(std::filesystem::temp_directory_path() /
                                                         ("iris-log-" + std::to_string(::getpid()) + ".json")) {
    Write(content);
  }
  ~Reloading() {
    std::filesystem::remove(path_);
    SetLogLevel(LogLevel::kInfo);
  }
  Reloading(const Reloading&) = delete;
  Reloading& operator=(const Reloading&) = delete;

  void Write(const std::string& content) { std::ofstream(path_) << content; }

  /// As serve starts with these words.
  void Start(const std::vector<std::string>& words) {
    AddLogOptions(app_, options_);
    AddConfigOption(app_);
    AddText(app_, "--drain-timeout", "SECONDS", "of serve", ignored_);
    AddText(app_, "--reflection", "on|off", "of serve", ignored_);
    REQUIRE_FALSE(Parse(app_, words));
    const Result<ConfigFile> file = LoadConfigFile(path_);
    REQUIRE(file);
    file_ = *file;
    REQUIRE(ApplySettings(file_, "serve", app_));
    ApplyLogOptions(options_);
    reload_ = std::make_unique<LogLevelReload>(app_, [this](bool ok) { outcomes_.push_back(ok); });
  }

  std::string Reload() {
    return StandardError([this] { ok_ = reload_->Reload(); });
  }

  bool ok_ = false;
  std::vector<bool> outcomes_;

 private:
  const std::string path_;
  ConfigFile file_;
  CommandDefinition app_;
  LogOptions options_;
  std::string ignored_;
  std::unique_ptr<LogLevelReload> reload_;
};

TEST_CASE("the level is read again from the file", "[log_options]") {
  Reloading reloading(R"({"serve": {"log-level": "warning"}})");
  reloading.Start({});
  CHECK(GetLogLevel() == LogLevel::kWarning);
  reloading.Write(R"({"serve": {"log-level": "debug"}})");
  CHECK(reloading.Reload() == "the log level is now debug, and was warning\n");
  CHECK(GetLogLevel() == LogLevel::kDebug);
  CHECK(reloading.Reload().empty());
  reloading.Write("{}");
  CHECK(reloading.Reload() == "the log level is now info, and was debug\n");
  CHECK(GetLogLevel() == LogLevel::kInfo);
  CHECK(reloading.outcomes_ == std::vector<bool>{true, true, true});
}

TEST_CASE("a flag stays, and what a restart would change is told", "[log_options]") {
  Reloading reloading(R"({"serve": {"log-level": "warning", "drain-timeout": 3}})");
  reloading.Start({"--log-level", "info"});
  reloading.Write(R"({"serve": {"log-level": "debug", "drain-timeout": 4, "reflection": "off"}})");
  CHECK_THAT(reloading.Reload(), ContainsSubstring("that only a restart takes up: drain-timeout, reflection\n"));
  CHECK(GetLogLevel() == LogLevel::kInfo);
  CHECK(reloading.ok_);
}

TEST_CASE("a bad file leaves the level where it is, is told and counted", "[log_options]") {
  Reloading reloading(R"({"serve": {"log-level": "warning"}})");
  reloading.Start({});
  for (const char* bad : {R"({"serve": {"log-level": "loud"}})", R"({"serve": {"log-levle": "debug"}})", "{",
                          R"({"serve": {"log-level": "debug", "drain-timeout": -1}})"}) {
    INFO(bad);
    reloading.Write(bad);
    const std::string told = reloading.Reload();
    CHECK(told.starts_with("iris-predictor: cannot reload the configuration: "));
    CHECK(told.ends_with("; the old one stays\n"));
    CHECK_FALSE(reloading.ok_);
    CHECK(GetLogLevel() == LogLevel::kWarning);
  }
  CHECK(reloading.outcomes_ == std::vector<bool>(4, false));
}

}  // namespace
}  // namespace iris
