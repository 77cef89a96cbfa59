// SPDX-License-Identifier: Apache-2.0
//
// The configuration file through whole command lines: what wins, what is refused, and what config says of it.

#include "src/cli/settings.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "catch_amalgamated.hpp"
#include "tests/cli/parse.h"
#include "tests/cli/run.h"

namespace iris {
namespace {

using Json = nlohmann::json;

/// A file that is removed again.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string name = (std::filesystem::temp_directory_path() / "iris-config-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    path_ = name;
    std::ofstream(path_) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Json Config(std::vector<std::string> words) {
  words.insert(words.begin(), {"config", "--json"});
  const Outcome outcome = Run(words);
  INFO(outcome.messages);
  REQUIRE(outcome.exit_code == 0);
  return Json::parse(outcome.output);
}

TEST_CASE("flag wins over environment, environment over file, file over default", "[settings]") {
  const TemporaryFile file(
      R"({"serve": {"listen": ["127.0.0.1:1", "[::1]:2"], "drain-timeout": 20, "reflection": "off",)"
      "\n"
      R"(  "max-metadata-size": "64KiB", "model": "[odd].json", "access-log": true}})");
  const ScopedVariable reflection("IRIS_REFLECTION", "on");
  const ScopedVariable config("IRIS_CONFIG", file.path().c_str());
  const Json shown = Config({"--drain-timeout", "3"});
  CHECK(shown["drain-timeout"] == Json{{"value", 3}, {"source", "flag"}});
  CHECK(shown["reflection"] == Json{{"value", "on"}, {"source", "environment"}, {"variable", "IRIS_REFLECTION"}});
  CHECK(shown["listen"] == Json{{"value", {"127.0.0.1:1", "[::1]:2"}},
                                {"source", "file"}, {"file", file.path()}, {"line", 1}, {"column", 22}});
  CHECK(shown["model"]["value"] == "[odd].json");
  CHECK(shown["model"]["line"] == 2);
  CHECK(shown["access-log"]["value"] == true);
  CHECK(shown["max-metadata-size"]["value"] == "64KiB");
  CHECK(shown["max-message-size"]["source"] == "default");
  CHECK(shown["tls-cert"] == Json{{"value", nullptr}, {"source", "default"}});
  CHECK(shown["config"]["source"] == "environment");
  CHECK_FALSE(shown.contains("check"));
}

TEST_CASE("lists: a flag replaces the file's, and one text is a list of one", "[settings]") {
  const TemporaryFile file(R"({"serve": {"listen": "127.0.0.1:1"}})");
  CHECK(Config({"--config", file.path()})["listen"]["value"] == Json{"127.0.0.1:1"});
  CHECK(Config({"--config", file.path(), "--listen", ":5", "--listen", ":6"})["listen"]["value"] == Json{":5", ":6"});
  CHECK(Config({})["listen"] == Json{{"value", {"[::]:50052"}}, {"source", "default"}});
}

TEST_CASE("what config prints can be put into a file, and says the same there", "[settings]") {
  const std::vector<std::string> flags = {"--listen", ":7", "--keepalive-time", "1.5", "--log-format", "json",
                                          "--access-log", "--max-message-size", "5000"};
  Json serve;
  for (const auto& [name, row] : Config(flags).items()) {
    if (name != "config") serve[name] = row["value"];
  }
  CHECK(serve["listen-plaintext"] == Json::array());
  CHECK(serve["max-connection-age"] == nullptr);  // "never" is no number of seconds
  const TemporaryFile file(Json{{"serve", serve}}.dump());
  const Json again = Config({"--config", file.path()});
  for (const auto& [name, value] : serve.items()) CHECK(again[name]["value"] == value);
}

TEST_CASE("a file is refused with the place, and what may have been meant", "[settings]") {
  const auto refused = [](const std::string& content, const std::string& message) {
    const TemporaryFile file(content);
    CheckRefused({"config", "--config", file.path()}, file.path() + message, 78);
  };
  refused(R"({"serve": {"lisen": []}})", ":1:12: unknown setting 'lisen'; did you mean 'listen'?");
  refused(R"({"serve": {"--listen": ":1"}})", ":1:12: unknown setting '--listen'; did you mean 'listen'?");
  refused(R"({"serve": {"config": "x"}})", ":1:12: unknown setting 'config'; did you mean 'confine'?");
  refused(R"({"serv": {}})", ":1:2: unknown command 'serv'; did you mean 'serve'?");
  refused(R"({"print": {}})", ":1:2: unknown command 'print'; 'iris-predictor --help' lists the commands");
  refused(R"({"serve": {}, "predict": {"prot": 1}})", ":1:27: unknown setting 'prot'; did you mean 'port'?");
  refused(R"({"serve": {"drain-timeout": "soon"}})",
          ":1:29: drain-timeout: found 'soon', expected seconds from 0 to 86400");
  refused(R"({"serve": {"drain-timeout": -1}})", ":1:29: drain-timeout: found '-1', expected seconds from 0 to 86400");
  refused(R"({"serve": {"drain-timeout": true}})", ":1:29: drain-timeout: found true, expected SECONDS");
  refused(R"({"serve": {"reflection": true}})", ":1:26: reflection: found true, expected on|off, in quotes");
  refused(R"({"serve": {"model": 5}})", ":1:21: model: found 5, expected FILE, in quotes");
  refused(R"({"serve": {"model": ["a"]}})", ":1:21: model: found an array, expected a single value");
  refused(R"({"serve": {"access-log": "yes"}})", ":1:26: access-log: found \"yes\", expected true or false");
  refused(R"({"serve": {"listen": ""}})", ":1:22: listen: found '', expected ADDRESS");
}

TEST_CASE("a wrong value is refused even where a flag hides it only by its kind", "[settings]") {
  const TemporaryFile file(R"({"serve": {"drain-timeout": true}})");
  CheckRefused({"config", "--config", file.path(), "--drain-timeout", "1"},
               file.path() + ":1:29: drain-timeout: found true, expected SECONDS", 78);
}

TEST_CASE("a file that is not there is named by the option or the variable", "[settings]") {
  const Outcome by_flag = Run({"config", "--config", "/nonexistent/c.json"});
  CHECK(by_flag.exit_code == 74);
  CHECK(by_flag.messages.starts_with("iris-predictor: --config: "));
  const ScopedVariable config("IRIS_CONFIG", "/nonexistent/c.json");
  CHECK(Run({"config"}).messages.starts_with("iris-predictor: IRIS_CONFIG: "));
  CHECK(Run({"version"}).exit_code == 0);  // which takes no settings
}

TEST_CASE("each command takes the section of its own name", "[settings]") {
  const TemporaryFile file(R"({"train": {"json": true, "cost": "-"}, "evaluate": {"folds": 1}})");
  CheckRefused({"evaluate", "--config", file.path()},
               file.path() + ":1:62: folds: found '1', expected a whole number from 2 to 1000", 78);
}

}  // namespace
}  // namespace iris
