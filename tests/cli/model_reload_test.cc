// SPDX-License-Identifier: Apache-2.0

#include "src/cli/model_reload.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/dataset/iris.h"
#include "src/model_file/model_file.h"
#include "src/svm/trainer.h"
#include "tests/cli/capture.h"

namespace iris {
namespace {

using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

Model Trained(double cost) {
  Result<Model> model = Train(LoadIris(), TrainOptions{.cost = cost});
  REQUIRE(model);
  return *std::move(model);
}

Model TwoFeatures() {
  return {.class_names = {"a", "b"}, .feature_names = {"x", "y"}, .weights = {1, -1}, .bias = {0}, .options = {},
          .certificates = {}};
}

/// A served model file in a folder of its own.
struct Reloaded {
  std::string folder = (std::filesystem::temp_directory_path() / "iris-reload-XXXXXX").string();
  std::string file;
  std::vector<ServedModel> used;
  std::vector<bool> outcomes;
  std::optional<ModelReload> reload;

  Reloaded() {
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    file = folder + "/roses.json";
    REQUIRE(SaveModel(Trained(1), file));
    const Result<ServedModel> first = LoadServedModel({.file = file, .name = ""});
    REQUIRE(first);
    reload.emplace(
        ServedModelOptions{.file = file, .name = ""}, first->model,
        [this](ServedModel model) { used.push_back(std::move(model)); }, [this](bool ok) { outcomes.push_back(ok); });
  }
  ~Reloaded() { std::filesystem::remove_all(folder); }

  std::string Log(bool ok) {
    return StandardError([&] { CHECK(reload->Reload() == ok); });
  }
};

TEST_CASE("another model takes the place of the old one", "[model_reload]") {
  Reloaded it;
  CHECK(it.Log(true) == "unchanged: the model " + it.file + "\n");
  CHECK(it.used.empty());
  REQUIRE(SaveModel(Trained(10), it.file));
  CHECK(it.Log(true) == "reloaded the model " + it.file + ": 4 features, 3 classes\n");
  REQUIRE(it.used.size() == 1);
  CHECK(it.used[0].name == "roses");
  CHECK(it.used[0].version == "1");
  CHECK(*it.used[0].model == Trained(10));
  CHECK(it.Log(true) == "unchanged: the model " + it.file + "\n");
  REQUIRE(SaveModel(TwoFeatures(), it.file));
  CHECK_THAT(it.Log(true), EndsWith("reloaded the model " + it.file +
                                    ": 2 features, 2 classes (it had 4 features, 3 classes)\n"));
  CHECK(it.used.size() == 2);
  CHECK(it.outcomes == std::vector{true, true, true, true});
  CHECK(it.reload->Look() == std::nullopt);
}

TEST_CASE("what is no model leaves the old one", "[model_reload]") {
  Reloaded it;
  const std::string begin = "iris-predictor: cannot reload the model: ";
  std::filesystem::rename(it.file, it.folder + "/kept");
  CHECK_THAT(it.Log(false), StartsWith(begin) && EndsWith("No such file or directory; the old one stays\n"));
  std::filesystem::copy_file(it.folder + "/kept", it.file);
  std::filesystem::resize_file(it.file, std::filesystem::file_size(it.file) / 2);
  CHECK_THAT(it.Log(false), StartsWith(begin + it.file) && EndsWith("; the old one stays\n"));
  std::filesystem::remove(it.file);
  REQUIRE(::mkfifo(it.file.c_str(), 0600) == 0);  // which nobody ever writes to
  CHECK(it.Log(false) == begin + it.file + " is no regular file, and only such a one is read again; the old one stays\n");
  CHECK(it.used.empty());
  std::filesystem::rename(it.folder + "/kept", it.file);
  CHECK(it.Log(true) == "unchanged: the model " + it.file + "\n");
  CHECK(it.outcomes == std::vector{false, false, false, true});
}

}  // namespace
}  // namespace iris
