// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/json_model.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/sha256.h"
#include "tests/model_file/models.h"

namespace iris {
namespace {

/// `text` with the first `from` replaced by `to`, and the checksum made to fit when `sign`.
std::string Replaced(std::string text, const std::string& from, const std::string& to, bool sign = true) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  const std::size_t open = text.rfind("\"checksum\": \"");
  if (sign && open != std::string::npos) text.replace(open + 13, 64, Sha256Hex(text.substr(0, open)));
  return text;
}

std::string Message(const std::string& text) {
  const Result<Model> model = DecodeModel(text, "m.json");
  if (model) return "no error";
  CHECK(model.error().code == ErrorCode::kBadData);
  return model.error().message;
}

TEST_CASE("encode, decode, encode: the same model, the same bytes") {
  for (const Model& model : AllModels()) {
    const std::string text = EncodeModel(model);
    CAPTURE(text);
    const Result<Model> back = DecodeModel(text, "m.json");
    REQUIRE(back);
    CHECK(*back == model);
    CHECK(EncodeModel(*back) == text);
  }
}

TEST_CASE("the text, to the letter") {
  CHECK(EncodeModel(TwoClassModel()) == R"({
  "format": "iris-predictor-model",
  "version": 1,
  "classes": [
    "no",
    "yes"
  ],
  "features": [
    "x"
  ],
  "weights": [
    [
      0.75
    ]
  ],
  "bias": [
    -0.5
  ],
  "options": {
    "penalty": "l2",
    "loss": "hinge",
    "cost": 1.0,
    "fit_intercept": true,
    "intercept_scaling": 1.0,
    "class_weight": null
  },
  "certificates": [
    {
      "objective": 2.0,
      "dual_objective": 1.5,
      "duality_gap": 0.5,
      "violation": 0.001,
      "support_vectors": 2,
      "steps": 7
    }
  ],
  "training_data": null,
  "trained_by": "",
  "checksum": "77cb42cc45adb03556077e91d4dff4d403f1737f5709af5b6e84c087d876962f"
}
)");
  const std::string weighted = EncodeModel(WeightedModel());
  CHECK(weighted.contains("\"class_weight\": {\n      \"setosa\": 3.0,\n      \"virginica\": 0.25\n    }"));
  CHECK(EncodeModel(L1Model()).contains("\"class_weight\": \"balanced\""));
  CHECK(EncodeModel(ForeignModel()).contains("\"options\": null"));
  CHECK(EncodeModel(IrisModel()).contains("\"training_data\": {\n    \"sha256\": \"0f3c2d0b"));
}

TEST_CASE("any finite doubles, names and counts survive, bit for bit") {
  std::mt19937_64 random(1936);
  for (int round = 0; round < 200; ++round) {
    Model model;
    const std::size_t classes = 2 + random() % 4;
    const std::size_t features = 1 + random() % 5;
    const std::size_t rows = classes == 2 ? 1 : classes;
    for (std::size_t c = 0; c < classes; ++c) {
      model.class_names.push_back(std::to_string(c) + "\"\\/ \xE2\x82\xAC");
    }
    for (std::size_t k = 0; k < features; ++k) model.feature_names.push_back(" " + std::to_string(k));
    const auto any = [&] {
      while (true) {
        if (const auto value = std::bit_cast<double>(random()); std::isfinite(value)) return value;
      }
    };
    for (std::size_t j = 0; j < rows * features; ++j) model.weights.push_back(any());
    for (std::size_t r = 0; r < rows; ++r) {
      model.bias.push_back(r == 0 ? -0.0 : std::numeric_limits<double>::denorm_min());
    }
    model.options.cost = std::abs(any());
    model.options.intercept_scaling = std::abs(any());
    model.options.class_weights[model.class_names.back()] = std::abs(any());
    if (round % 2 == 0) {
      for (std::size_t r = 0; r < rows; ++r) {
        const double objective = std::abs(any()), dual = objective * 0.75;
        model.certificates.push_back({objective, dual, objective - dual, std::abs(any()), std::int64_t{1} << 53, 0});
      }
    }
    const std::string text = EncodeModel(model);
    const Result<Model> back = DecodeModel(text, "m.json");
    REQUIRE(back);
    CHECK(*back == model);
    CHECK(std::signbit(back->bias[0]));
    CHECK(EncodeModel(*back) == text);
  }
}

TEST_CASE("each thing that can be wrong has its message") {
  const std::string good = EncodeModel(IrisModel());
  const auto with = [&](const std::string& from, const std::string& to) { return Message(Replaced(good, from, to)); };
  REQUIRE(Message(good) == "no error");

  CHECK(with("\"iris-predictor-model\"", "\"onnx\"") ==
        "m.json: format: found the text \"onnx\", expected \"iris-predictor-model\"");
  CHECK(Message("{}") == "m.json: found no key \"format\", expected a model file of iris-predictor");
  CHECK(Message("[]") == "m.json: found no key \"format\", expected a model file of iris-predictor");
  CHECK(
      with("\"version\": 1", "\"version\": 2") ==
      "m.json: version: found 2, expected version 1 (train the model again with this program, or use a newer program)");
  CHECK(with("\"version\": 1", "\"version\": 1.0").starts_with("m.json: version: found 1.0, expected a whole number"));
  CHECK(with("\"bias\"", "\"biass\"") == "m.json: found no key \"bias\", expected it to be there");
  CHECK(with("\"version\": 1,", "\"version\": 1, \"note\": 3,") ==
        "m.json: found the unknown key \"note\", expected only keys of this version of the format");
  CHECK(with("\"version\": 1,", "\"version\": 1, \"version\": 1,") ==
        "m.json: found the key \"version\" twice, expected it once");
  CHECK(with("\"cost\": 1.0", "\"cost\": 1.0, \"cost\": 1.0") ==
        "m.json: found the key \"cost\" twice, expected it once");
  CHECK(with("\"versicolor\"", "\"setosa\"") == "m.json: classes: found the class \"setosa\" twice, expected it once");
  CHECK(with("\"versicolor\"", "17") == "m.json: classes[1]: found 17, expected text");
  CHECK(with("\"virginica\"", "\"virginica\", \"x\"") ==
        "m.json: weights: found 3 elements, expected 4 arrays of numbers");
  CHECK(with("\"petal_width\"", "\"petal_width\", \"x\"") ==
        "m.json: weights[0]: found 4 elements, expected 5 numbers");
  CHECK(with("0.184244", "null, 0.184244") == "m.json: weights[0]: found 5 elements, expected 4 numbers");
  CHECK(with("0.184244", "\"a\", \"").starts_with("m.json: not a JSON document: parse error at line"));
  CHECK(with("\"cost\": 1.0", "\"cost\": 0.0") == "m.json: options.cost: found 0.0, expected a number greater than 0");
  CHECK(with("\"cost\": 1.0", "\"cost\": true") == "m.json: options.cost: found true, expected a number");
  CHECK(with("\"cost\": 1.0", "\"cost\": 1") == "no error");  // an integer is a number
  CHECK(with("\"squared_hinge\"", "\"log\"") ==
        "m.json: options.loss: found the text \"log\", expected \"squared_hinge\" or \"hinge\"");
  CHECK(with("\"steps\": 5", "\"steps\": -5").starts_with("m.json: certificates[0].steps: found -5, expected a whole"));
  CHECK(
      with("\"steps\": 5", "\"steps\": 9007199254740993").contains("expected a whole number from 0 to 90071992547409"));
  CHECK(with("\"steps\": 5", "\"steps\": {}") ==
        "m.json: certificates[0].steps: found an object, expected a whole number from 0 to 9007199254740992");

  CHECK(with("\"objective\": ", "\"objective\": 1e999, \"x\": ").contains("not a JSON document"));
  CHECK(with("\"objective\": ", "\"objective\": NaN, \"x\": ").contains("not a JSON document"));
  CHECK(with("\"objective\": ", "\"objective\": Infinity, \"x\": ").contains("not a JSON document"));
  CHECK(Message(good + "x").contains("not a JSON document"));
  CHECK(Message(good + good).contains("not a JSON document"));
  CHECK(Message("").contains("not a JSON document"));
  CHECK(Message("\x80\x04\x95").contains("not a JSON document"));  // a pickle
  CHECK(Message("{\"a\" \x7f").contains("not a JSON document"));  // and what a terminal would obey is not quoted
  CHECK_FALSE(Message("{\"a\" \x7f").contains('\x7f'));
  CHECK_FALSE(Message("{\"a\xc2\x9b\" 2").contains("\xc2\x9b"));
  CHECK(Message(std::string(10'000'000, '[')) ==
        "m.json: found brackets nested deeper than 4, which no file read here has");
}

TEST_CASE("names are there, fit on a line and are different") {
  const auto message = [](std::vector<std::string> Model::*names, const char* name) {
    Model model = IrisModel();
    (model.*names)[1] = name;
    return Message(EncodeModel(model));
  };
  CHECK(message(&Model::class_names, "") == "m.json: classes: found an empty class name, expected a name");
  CHECK(message(&Model::feature_names, "") == "m.json: features: found an empty feature name, expected a name");
  CHECK(message(&Model::class_names, "a\nb") ==
        "m.json: classes: found the class \"a\\x0ab\", expected no control characters in it");
  CHECK(message(&Model::feature_names, "\x1b[2J") ==
        "m.json: features: found the feature \"\\x1b[2J\", expected no control characters in it");
  CHECK(message(&Model::feature_names, IrisModel().feature_names[0].c_str()).contains("twice, expected it once"));
}

TEST_CASE("certificates that cannot be are refused") {
  const auto message = [](double objective, double dual, double gap, double gradient) {
    Model model = IrisModel();
    model.certificates[1] = {objective, dual, gap, gradient, 1, 1};
    return Message(EncodeModel(model));
  };
  CHECK(message(2, 1.5, 0.5, 1) == "no error");
  CHECK(message(2, 2, 0, 0) == "no error");
  CHECK(message(2, 2, -1e-15, 0) == "no error");  // rounding
  CHECK(message(0, -1, 1, 0) == "no error");      // a dual point may be that bad
  CHECK(message(-1, -1, 0, 0) ==
        "m.json: certificates[1].objective: found -1.0, expected a number that is not negative");
  CHECK(message(2, 2, 0, -1) ==
        "m.json: certificates[1].violation: found -1.0, expected a number that is not negative");
  CHECK(message(2, 1, 0, 0) ==
        "m.json: certificates[1].duality_gap: found 0.0, expected objective - dual_objective, which is 1");
  CHECK(message(2, 3, -1, 0) ==
        "m.json: certificates[1].duality_gap: found -1.0, expected a number that is not negative");
}

TEST_CASE("an object with very many keys is refused at once") {
  std::string text = "{\"k\": 1";
  for (int i = 0; i < 300'000; ++i) text += ",\"" + std::to_string(i) + "\":1";
  CHECK(Message(text + "}") == "m.json: found more than 10000 keys in one object, which no file read here has");
  text = "{";
  for (int i = 0; i < 30'000; ++i) {
    if (i % 3000 == 0) text += (i == 0 ? "\"" : "},\"") + std::to_string(i) + "\":{\"k\":1";
    text += ",\"" + std::to_string(i) + "\":1";
  }
  CHECK(Message(text + "}}").contains("more than 10000 keys"));
}

TEST_CASE("weights of a thousand classes") {
  Model model;
  for (int c = 0; c < 1000; ++c) model.class_names.push_back("class " + std::to_string(c));
  model.feature_names = {"x"};
  model.weights.assign(1000, 1.0);
  model.bias.assign(1000, 0.0);
  for (const std::string& name : model.class_names) model.options.class_weights[name] = 2.0;
  CHECK(DecodeModel(EncodeModel(model), "m.json") == model);
}

TEST_CASE("options that cannot be are refused") {
  const std::string good = EncodeModel(WeightedModel());
  const auto with = [&](const std::string& from, const std::string& to) { return Message(Replaced(good, from, to)); };
  REQUIRE(Message(good) == "no error");
  CHECK(with("\"l2\"", "\"l1\"") == "no error");
  CHECK(with("\"l2\"", "\"elasticnet\"") ==
        "m.json: options.penalty: found the text \"elasticnet\", expected \"l2\" or \"l1\"");
  CHECK(Message(Replaced(EncodeModel(TwoClassModel()), "\"l2\"", "\"l1\"")) ==
        "m.json: options.loss: found the text \"hinge\", expected \"squared_hinge\" with the penalty \"l1\"");
  CHECK(with("\"penalty\": \"l2\",", "") == "m.json: options: found no key \"penalty\", expected it to be there");
  CHECK(with("\"fit_intercept\": true", "\"fit_intercept\": 1") ==
        "m.json: options.fit_intercept: found 1, expected true or false");
  CHECK(with("\"intercept_scaling\": 1.0", "\"intercept_scaling\": -1.0") ==
        "m.json: options.intercept_scaling: found -1.0, expected a number greater than 0");
  CHECK(with("\"setosa\": 3.0", "\"setosa\": 0") ==
        "m.json: options.class_weight[\"setosa\"]: found 0, expected a number greater than 0");
  CHECK(with("\"setosa\": 3.0", "\"setosa\": null") ==
        "m.json: options.class_weight[\"setosa\"]: found null, expected a number");
  CHECK(with("\"setosa\": 3.0", "\"rosa\": 3.0") ==
        "m.json: options.class_weight: found the class \"rosa\", expected only classes of this model");
  CHECK(with("\"setosa\": 3.0", "\"virginica\": 3.0") == "m.json: found the key \"virginica\" twice, expected it once");
  const std::string balanced = EncodeModel(L1Model());
  const auto weight = [&](const std::string& to) { return Message(Replaced(balanced, "\"balanced\"", to)); };
  CHECK(weight("null") == "no error");
  CHECK(weight("{}") == "no error");
  CHECK(weight("\"equal\"") ==
        "m.json: options.class_weight: found the text \"equal\", expected null, \"balanced\" or an object of class "
        "names and numbers");
  CHECK(weight("[1, 2, 3]").starts_with("m.json: options.class_weight: found an array, expected null, \"balanced\""));
  CHECK(Message(Replaced(EncodeModel(ForeignModel()), "\"options\": null", "\"options\": 3")) ==
        "m.json: options: found 3, expected an object");
}

TEST_CASE("where it comes from") {
  const std::string good = EncodeModel(IrisModel());
  const auto with = [&](const std::string& from, const std::string& to) { return Message(Replaced(good, from, to)); };
  const std::string digits = IrisModel().data_sha256;
  const std::string expected = "expected 64 lower-case hexadecimal digits";
  CHECK(with("\"0f3c", "\"0F3c").ends_with(expected));
  CHECK(with(digits, "") == "m.json: training_data.sha256: found the text \"\", " + expected);
  CHECK(with("\"" + digits + "\"", "null") == "m.json: training_data.sha256: found null, expected text");
  CHECK(with("\"sha256\"", "\"md5\"") == "m.json: training_data: found no key \"sha256\", expected it to be there");
  CHECK(with("\"iris-predictor 0.1.0\"", "null") == "m.json: trained_by: found null, expected text");
  CHECK(with("iris-predictor 0.1.0", "\\u001b[2J") ==
        "m.json: trained_by: found the text \"\\x1b[2J\", expected no control characters in it");
}

TEST_CASE("the checksum holds every byte") {
  const std::string good = EncodeModel(IrisModel());
  CHECK(Message(Replaced(good, "0.184244", "0.184245", /*sign=*/false))
            .starts_with("m.json: checksum: the content has "));
  CHECK(Message(good + "\n").starts_with("m.json: checksum: found it elsewhere or laid out otherwise"));
  const std::size_t open = good.rfind("\"checksum\"");
  // The same keys with the checksum first.
  const std::string first = "{" + good.substr(open, 78) + "," + good.substr(1, open - 5) + "\n}\n";
  CHECK_THAT(Message(first), Catch::Matchers::StartsWith("m.json: checksum: found it elsewhere"));
}

TEST_CASE("names that are not UTF-8 do not throw") {
  Model model = IrisModel();
  model.class_names[0] = "\xE9";
  CHECK(EncodeModel(model).contains("\xEF\xBF\xBD"));
}

}  // namespace
}  // namespace iris
