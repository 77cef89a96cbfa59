// SPDX-License-Identifier: Apache-2.0

#include "src/cli/model_report.h"

#include <string>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

Model ThreeClasses() {
  Model model;
  model.class_names = {"a", "b", "c"};
  model.feature_names = {"x", "long name"};
  model.weights = {0.1, -2, 1.0 / 3, 4e-300, 5, 6};
  model.bias = {1, 2, 3};
  model.certificates.resize(3);
  model.certificates[2] = {.objective = 17.5, .dual_objective = 17.25, .duality_gap = 0.25, .violation = 1e-13,
                           .support_vectors = 7, .steps = 5};
  return model;
}

TEST_CASE("a model as JSON has its keys in order, its shape, and exact numbers", "[model_report]") {
  const Model model = ThreeClasses();
  const nlohmann::ordered_json json = ModelJson(model);
  std::string keys;
  for (const auto& item : json.items()) keys += item.key() + " ";
  CHECK(keys == "classes features cost loss penalty class_weight fit_intercept intercept_scaling weights bias "
                "certificates data_sha256 trained_by ");
  REQUIRE(json["weights"].size() == 3);
  REQUIRE(json["weights"][0].size() == 2);
  CHECK(json["loss"] == "squared_hinge");
  REQUIRE(json["certificates"].size() == 3);
  CHECK(json["certificates"][2]["class"] == "c");
  CHECK(json["certificates"][2]["support_vectors"] == 7);

  const nlohmann::ordered_json read = nlohmann::ordered_json::parse(JsonText(json));
  CHECK(read["weights"][1][0].get<double>() == 1.0 / 3);
  CHECK(read["weights"][1][1].get<double>() == 4e-300);
  CHECK(read["certificates"][2]["violation"].get<double>() == 1e-13);
}

TEST_CASE("the single row of two classes belongs to the second", "[model_report]") {
  Model model;
  model.class_names = {"no", "yes"};
  model.feature_names = {"x"};
  model.weights = {1};
  model.bias = {0};
  model.certificates.resize(1);
  CHECK(ModelJson(model)["certificates"][0]["class"] == "yes");
  CHECK(ModelText(model).find("weight  yes\n") != std::string::npos);
}

TEST_CASE("a model as text is aligned and says when there is no certificate", "[model_report]") {
  Model model = ThreeClasses();
  const std::string text = ModelText(model);
  CHECK(text.find("weight       a         b  c\n"
                  "x          0.1  0.333333  5\n"
                  "long name   -2    4e-300  6\n"
                  "(bias)       1         2  3\n") != std::string::npos);
  CHECK(text.find("17.5") != std::string::npos);
  model.certificates.clear();
  CHECK(ModelText(model).find("no certificate") != std::string::npos);
  CHECK(ModelJson(model)["certificates"].empty());
}

TEST_CASE("how it was trained and where it comes from are shown, and said to be unknown", "[model_report]") {
  Model model = ThreeClasses();
  model.options.cost = 0.5;
  model.options.loss = Loss::kHinge;
  model.options.class_weights = {{"a", 2}, {"c", 0.5}};
  model.data_sha256 = std::string(64, 'e');
  model.trained_by = "iris-predictor 9.9.9";
  CHECK_THAT(ModelText(model), ContainsSubstring("\nloss hinge, penalty l2, cost 0.5, intercept scaling 1, "
                                                 "class weights a=2 c=0.5\n"
                                                 "trained by iris-predictor 9.9.9\n"
                                                 "on data with SHA-256 eeeeeeee"));
  CHECK(ModelJson(model)["class_weight"].dump() == R"({"a":2.0,"c":0.5})");
  CHECK(ModelJson(model)["trained_by"] == "iris-predictor 9.9.9");
  model.options = {};
  model.options.balanced = true;
  model.options.fit_intercept = false;
  model.options.penalty = Penalty::kL1;
  CHECK_THAT(ModelText(model),
             ContainsSubstring("loss squared_hinge, penalty l1, cost 1, no intercept, class weights balanced\n"));
  CHECK(ModelJson(model)["class_weight"] == "balanced");
  CHECK(ModelJson(model)["fit_intercept"] == false);
  model.options_known = false;
  model.data_sha256 = "";
  CHECK_THAT(ModelText(model), ContainsSubstring("does not say how it was trained"));
  for (const char* key : {"cost", "loss", "penalty", "class_weight", "fit_intercept", "intercept_scaling",
                          "data_sha256"}) {
    CHECK(ModelJson(model)[key].is_null());
  }
}

TEST_CASE("of a large model the heaviest features and the first rows are shown", "[model_report]") {
  Model model;
  for (int c = 0; c < 25; ++c) model.class_names.push_back("c" + std::to_string(c));
  for (int f = 0; f < 100; ++f) model.feature_names.push_back("f" + std::to_string(f) + "_");
  model.bias.assign(25, 0);
  model.weights.assign(2500, 0);
  for (std::size_t f = 0; f < 100; ++f) model.weights[24 * 100 + f] = f % 2 == 0 ? -1.0 - static_cast<double>(f) : 0.5;
  const std::string text = ModelText(model);
  CHECK_THAT(text, ContainsSubstring("the 40 heaviest of 100 features, and the first 10 of 25 rows; --json shows all"));
  CHECK_THAT(text, ContainsSubstring("\nf98_ ") && ContainsSubstring("\nf20_ ") && !ContainsSubstring("\nf18_ ") &&
                       !ContainsSubstring("\nf99_ "));
  CHECK_THAT(text, ContainsSubstring(", c19 and 5 more) and 100 features\n"));
  CHECK(text.find("f20_") < text.find("f98_"));
}

TEST_CASE("names that are not UTF-8 still print", "[model_report]") {
  Model model = ThreeClasses();
  model.class_names[0] = "\xff";
  CHECK(JsonText(ModelJson(model)).find("\xEF\xBF\xBD") != std::string::npos);
}

}  // namespace
}  // namespace iris
