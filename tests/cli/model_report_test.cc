// SPDX-License-Identifier: Apache-2.0

#include "src/cli/model_report.h"

#include <string>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

Model ThreeClasses() {
  Model model;
  model.class_names = {"a", "b", "c"};
  model.feature_names = {"x", "long name"};
  model.weights = {0.1, -2, 1.0 / 3, 4e-300, 5, 6};
  model.bias = {1, 2, 3};
  model.certificates.resize(3);
  model.certificates[2] = {.objective = 17.5, .dual_objective = 17.25, .duality_gap = 0.25, .gradient_norm = 1e-13,
                           .support_vectors = 7, .steps = 5};
  return model;
}

TEST_CASE("a model as JSON has its keys in order, its shape, and exact numbers", "[model_report]") {
  const Model model = ThreeClasses();
  const nlohmann::ordered_json json = ModelJson(model);
  std::string keys;
  for (const auto& item : json.items()) keys += item.key() + " ";
  CHECK(keys == "classes features cost loss weights bias certificates ");
  REQUIRE(json["weights"].size() == 3);
  REQUIRE(json["weights"][0].size() == 2);
  CHECK(json["loss"] == "squared_hinge");
  REQUIRE(json["certificates"].size() == 3);
  CHECK(json["certificates"][2]["class"] == "c");
  CHECK(json["certificates"][2]["support_vectors"] == 7);

  const nlohmann::ordered_json read = nlohmann::ordered_json::parse(JsonText(json));
  CHECK(read["weights"][1][0].get<double>() == 1.0 / 3);
  CHECK(read["weights"][1][1].get<double>() == 4e-300);
  CHECK(read["certificates"][2]["gradient_norm"].get<double>() == 1e-13);
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

TEST_CASE("names that are not UTF-8 still print", "[model_report]") {
  Model model = ThreeClasses();
  model.class_names[0] = "\xff";
  CHECK(JsonText(ModelJson(model)).find("\xEF\xBF\xBD") != std::string::npos);
}

}  // namespace
}  // namespace iris
