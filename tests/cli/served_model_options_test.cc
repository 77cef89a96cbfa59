// SPDX-License-Identifier: Apache-2.0

#include "src/cli/served_model_options.h"

#include <filesystem>
#include <optional>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/model_file/model_file.h"
#include "src/svm/trainer.h"
#include "tests/cli/parse.h"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

std::optional<Failure> ParseModel(std::vector<std::string> words, ServedModelOptions& options) {
  CommandDefinition app;
  AddServedModelOptions(app, options);
  return Parse(app, std::move(words));
}

TEST_CASE("the embedded model is iris", "[served_model_options]") {
  const Result<ServedModel> model = LoadServedModel({});
  REQUIRE(model);
  CHECK(model->name == "iris");
  CHECK(model->version == "1");
  CHECK(model->model->rows() == 3);
}

TEST_CASE("a file's model has the file's name, or the one that is given", "[served_model_options]") {
  const Folder folder;
  const Result<Model> iris = Train(LoadIris(), TrainOptions{});
  REQUIRE(iris);
  const auto [file, name] = GENERATE(table<std::string, std::string>({{"flowers.json", "flowers"},
                                                                      {"flowers.v2.json", "flowers.v2"},
                                                                      {"flowers", "flowers"},
                                                                      {".json", ".json"},
                                                                      {"a b.json", "a b"}}));
  const std::string path = folder.path() + "/" + file;
  REQUIRE(SaveModel(*iris, path));
  const Result<ServedModel> model = LoadServedModel({.file = path, .name = ""});
  REQUIRE(model);
  CHECK(model->name == name);
  CHECK(model->version == "1");
  CHECK(LoadServedModel({.file = path, .name = "given"})->name == "given");
}

TEST_CASE("a file whose name no request could carry needs a name", "[served_model_options]") {
  const Folder folder;
  const Result<Model> iris = Train(LoadIris(), TrainOptions{});
  REQUIRE(iris);
  const std::string path = folder.path() + "/" + GENERATE("\xff.json", "a\tb.json");
  REQUIRE(SaveModel(*iris, path));
  const Result<ServedModel> model = LoadServedModel({.file = path, .name = ""});
  REQUIRE_FALSE(model);
  CHECK(model.error().code == ErrorCode::kConfiguration);
  CHECK(model.error().message.ends_with("; give one with --model-name"));
  CHECK(LoadServedModel({.file = path, .name = "given"}));
}

TEST_CASE("a name must be one that a request can carry", "[served_model_options]") {
  ServedModelOptions options;
  REQUIRE_FALSE(ParseModel({"--model-name", "blumen-ü"}, options));
  CHECK(options.name == "blumen-ü");
  for (const std::string& bad : {std::string("\xff"), std::string("a\nb"), std::string(256, 'x')}) {
    const std::optional<Failure> failure = ParseModel({"--model-name", bad}, options);
    REQUIRE(failure);
    CHECK(failure->exit_code == 64);
    CHECK(failure->message.starts_with("--model-name: found \""));
  }
}

TEST_CASE("a model that cannot be loaded is an error", "[served_model_options]") {
  const Result<ServedModel> model = LoadServedModel({.file = "/no/such.json", .name = ""});
  REQUIRE_FALSE(model);
  CHECK(model.error().code == ErrorCode::kIo);
}

}  // namespace
}  // namespace iris
