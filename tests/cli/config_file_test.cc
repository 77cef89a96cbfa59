// SPDX-License-Identifier: Apache-2.0

#include "src/cli/config_file.h"

#include <string>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

std::string Refusal(std::string_view text) {
  const Result<ConfigFile> file = ParseConfigFile(text, "c.json");
  REQUIRE_FALSE(file);
  CHECK(file.error().code == ErrorCode::kConfiguration);
  return file.error().message;
}

TEST_CASE("settings know where they stand", "[config_file]") {
  const Result<ConfigFile> file = ParseConfigFile(R"({
  "serve": {"listen": ["[::]:1", "unix:/a\"b:c"], "äö\"": "x:\"y\"",
    "drain-timeout": 20, "rate": 0.5, "json" : true }
})",
                                                  "c.json");
  REQUIRE(file);
  REQUIRE(file->sections.size() == 1);
  const FileSection& serve = file->sections[0];
  CHECK(serve.command == "serve");
  CHECK(TextOf(serve.place) == "c.json:2:3");
  REQUIRE(serve.settings.size() == 5);
  CHECK(serve.settings[0].kind == SettingKind::kList);
  CHECK(serve.settings[0].values == std::vector<std::string>{"[::]:1", "unix:/a\"b:c"});
  CHECK(TextOf(serve.settings[0].name_place) == "c.json:2:13");
  CHECK(TextOf(serve.settings[0].value_place) == "c.json:2:23");
  CHECK(serve.settings[1].name == "äö\"");
  CHECK(serve.settings[1].values == std::vector<std::string>{"x:\"y\""});
  CHECK(serve.settings[2].kind == SettingKind::kNumber);
  CHECK(serve.settings[2].values == std::vector<std::string>{"20"});
  CHECK(TextOf(serve.settings[2].name_place) == "c.json:3:5");
  CHECK(TextOf(serve.settings[2].value_place) == "c.json:3:22");
  CHECK(serve.settings[3].values == std::vector<std::string>{"0.5"});
  CHECK(serve.settings[4].kind == SettingKind::kTruth);
  CHECK(file->Find("serve", "rate") == &serve.settings[3]);
  CHECK(file->Find("serve", "none") == nullptr);
  CHECK(file->Find("train", "rate") == nullptr);
}

TEST_CASE("columns count characters", "[config_file]") {
  const Result<ConfigFile> file = ParseConfigFile("{\"serve\": {\"model\": \"äöü\", \"x\": 1}}", "c");
  REQUIRE(file);
  CHECK(TextOf(file->sections[0].settings[1].name_place) == "c:1:28");
}

TEST_CASE("what is no configuration is refused with its place", "[config_file]") {
  CHECK(Refusal("{\"serve\": {\n \"a\" 1}}").starts_with("c.json:2:6: not a JSON document: "));
  CHECK(Refusal("").starts_with("c.json:1:1: not a JSON document: "));
  CHECK(Refusal("[1]").starts_with("c.json:1:1: found an array, expected an object of settings under the name"));
  CHECK(Refusal("{\"listen\": \":1\"}").starts_with("c.json:1:2: \"listen\": found the text \":1\", expected an object"));
  CHECK(Refusal("{\"serve\": {\"a\": 1, \"a\": 2}}") == "c.json: found the key \"a\" twice, expected it once");
  CHECK(Refusal("{\"serve\": {\"a\": {}}}") ==
        "c.json:1:17: \"a\": found an object, expected text, a number, true, false or an array of texts; null for the "
        "default");
  CHECK(Refusal("{\"serve\": {\"a\": \"b\\u0000c\"}}") ==
        "c.json:1:17: \"a\": found a NUL character, expected text without");
  CHECK(Refusal("{\"serve\": {\"a\": [1]}}").starts_with("c.json:1:17: \"a\": found an array of other things than texts"));
}

}  // namespace
}  // namespace iris
