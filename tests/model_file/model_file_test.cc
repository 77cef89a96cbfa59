// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/model_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/base/atomic_file.h"
#include "src/model_file/json_model.h"
#include "src/model_file/liblinear_model.h"
#include "tests/model_file/models.h"

namespace iris {
namespace {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("iris-model-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string Message(const std::string& text) {
  const Result<Model> model = DecodeAnyModel(text, "m");
  if (model) return "no error";
  CHECK(model.error().code == ErrorCode::kBadData);
  return model.error().message;
}

TEST_CASE("a model file: save and load, in either format") {
  const Folder folder;
  for (const Model& model : AllModels()) {
    REQUIRE(SaveModel(model, folder / "m.json"));
    CHECK(LoadModel(folder / "m.json") == model);
    REQUIRE(SaveModel(model, folder / "m.txt", ModelFormat::kLiblinear));
    CHECK(ReadFile(folder / "m.txt", 10'000) == EncodeLiblinear(model));
    CHECK(LoadModel(folder / "m.txt") == DecodeLiblinear(EncodeLiblinear(model), "m"));
  }
}

TEST_CASE("a model file: what the disk says") {
  const Folder folder;
  CHECK(LoadModel(folder / "none").error().code == ErrorCode::kIo);
  CHECK(SaveModel(IrisModel(), folder / "no/m.json").error().code == ErrorCode::kIo);
  REQUIRE(SaveModel(IrisModel(), folder / "m.json"));
  std::filesystem::resize_file(folder / "m.json", 300'000'000);  // sparse
  CHECK(LoadModel(folder / "m.json").error().message.contains("larger than 67108864 bytes"));
}

TEST_CASE("a model that could not be loaded is not saved, and the old file stays") {
  const Folder folder;
  const std::string path = folder / "m.json";
  REQUIRE(SaveModel(IrisModel(), path));
  const auto refused = [&](const Model& model, ModelFormat format = ModelFormat::kJson) {
    const Result<void> saved = SaveModel(model, path, format);
    if (saved) return std::string("saved");
    CHECK(saved.error().code == ErrorCode::kBadData);
    CHECK(LoadModel(path) == IrisModel());
    return saved.error().message;
  };
  Model model = IrisModel();
  model.feature_names[0].assign(std::size_t{64} << 20, 'x');
  CHECK(refused(model).contains("expected at most 67108864: train with fewer"));
  model = IrisModel();
  model.class_names[0] = "\xE9";
  CHECK(refused(model).contains("would read back as a different one"));
  model = IrisModel();
  model.class_names[0] = "two\nlines";
  CHECK(refused(model).contains("expected no control characters"));
  model = IrisModel();
  model.weights[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK(refused(model).contains("weights[0][0]: found null, expected a finite number"));
  CHECK(refused(model, ModelFormat::kLiblinear).contains(":7: LIBLINEAR model: found \"nan\", expected a finite"));
  model = IrisModel();
  model.certificates[0].duality_gap = 1.0;
  CHECK(refused(model).contains("certificates[0].duality_gap"));
}

TEST_CASE("a model that cannot be saved is known by its shape") {
  const std::vector<std::string> names(1'000'000, "feature_1234567");  // 18 bytes each in the file
  CHECK(CheckModelSize(names, 2, "m.json"));
  CHECK(CheckModelSize(names, 24, "m.json"));
  const Result<void> refused = CheckModelSize(names, 25, "m.json");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kBadData);
  CHECK(refused.error().message.starts_with(
      "m.json: found a table of 1000000 features and 25 classes, whose model takes more than 68000000 bytes, expected "
      "at most 67108864: "));
  // An underestimate: what is refused could not have been saved.
  Model model;
  model.class_names = {"a", "b", "c"};
  model.feature_names.assign(1000, "x");
  model.weights.resize(3000);
  model.bias.resize(3);
  CHECK(EncodeModel(model).size() > 1000 * (3 + 1 + 3 * 2));
}

TEST_CASE("the content of a model file tells its format, whatever its name") {
  CHECK(Message("\n\t {\"format\": 1}") == "m: format: found 1, expected text");
  CHECK(Message("nr_class 2\n") ==
        "m:2: LIBLINEAR model: found the end, expected a line with \"w\" and the weights: "
        "was the file cut short?");
  const std::string expected =
      "expected a model file: JSON of iris-predictor, which begins with \"{\", or LIBLINEAR's text, which begins with "
      "\"solver_type\"";
  CHECK(Message("") == "m: found an empty file, " + expected);
  CHECK(Message(" \r\n\t") == "m: found an empty file, " + expected);
  CHECK(Message("svm_type c_svc\n") == "m: found \"svm_type c_svc\\x0a\" at its start, " + expected);
  CHECK(Message("sepal_length,sepal_width") == "m: found \"sepal_length,sepal_width\" at its start, " + expected);
  CHECK(Message(std::string("PK\0\3", 4)) == "m: found \"PK\\x00\\x03\" at its start, " + expected);
  CHECK(Message("\x80\x04\x95") == "m: found a Python pickle, which is a program and is never run, " + expected +
                                       "; docs/model_file.md shows how to save a scikit-learn model as one");
}

}  // namespace
}  // namespace iris
