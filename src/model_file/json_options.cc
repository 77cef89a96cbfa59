// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/json_options.h"

#include <cstddef>
#include <set>
#include <string_view>
#include <utility>

#include "src/base/text.h"

namespace iris {
namespace {

constexpr const char* kSquaredHinge = "squared_hinge";
constexpr const char* kHinge = "hinge";
constexpr const char* kL2 = "l2";
constexpr const char* kL1 = "l1";
constexpr const char* kBalanced = "balanced";

/// One of two words: whether it is the second.
Result<bool> ReadWord(const JsonField& json, const std::string& first, const std::string& second) {
  const Result<std::string> word = json.String();
  if (!word) return std::unexpected(word.error());
  if (*word != first && *word != second) return json.Unexpected(Quote(first) + " or " + Quote(second));
  return *word == second;
}

Result<double> ReadPositive(const JsonField& json) {
  Result<double> number = json.Number();
  if (number && !(*number > 0.0)) return json.Unexpected("a number greater than 0");
  return number;
}

/// null, "balanced" or an object of weights.
Result<void> ReadClassWeights(const JsonField& json, std::span<const std::string> class_names, TrainOptions& options) {
  const std::string expected = "null, " + Quote(kBalanced) + " or an object of class names and numbers";
  if (json.IsNull()) return {};
  if (json.IsString()) {
    if (json.String() != kBalanced) return json.Unexpected(expected);
    options.balanced = true;
    return {};
  }
  const Result<std::vector<std::pair<std::string, JsonField>>> members = json.Members(expected);
  if (!members) return std::unexpected(members.error());
  const std::set<std::string_view> classes(class_names.begin(), class_names.end());
  for (const auto& [name, value] : *members) {
    if (!classes.contains(name)) return json.Wrong("the class " + Quote(name), "only classes of this model");
    const Result<double> weight = ReadPositive(value);
    if (!weight) return std::unexpected(weight.error());
    options.class_weights[name] = *weight;
  }
  return {};
}

}  // namespace

Json OptionsToJson(const TrainOptions& options) {
  Json class_weight;  // null
  if (options.balanced) {
    class_weight = kBalanced;
  } else if (!options.class_weights.empty()) {
    class_weight = Json::object();
    for (const auto& [name, weight] : options.class_weights) class_weight.emplace(name, weight);
  }
  return {{"penalty", options.penalty == Penalty::kL1 ? kL1 : kL2},
          {"loss", options.loss == Loss::kHinge ? kHinge : kSquaredHinge},
          {"cost", options.cost},
          {"fit_intercept", options.fit_intercept},
          {"intercept_scaling", options.intercept_scaling},
          {"class_weight", std::move(class_weight)}};
}

Result<TrainOptions> ReadOptions(const JsonField& json, std::span<const std::string> class_names) {
  if (const Result<void> keys =
          json.ExpectKeys({"penalty", "loss", "cost", "fit_intercept", "intercept_scaling", "class_weight"});
      !keys) {
    return std::unexpected(keys.error());
  }
  TrainOptions options;
  const Result<bool> l1 = ReadWord(json["penalty"], kL2, kL1);
  if (!l1) return std::unexpected(l1.error());
  if (*l1) options.penalty = Penalty::kL1;
  const Result<bool> hinge = ReadWord(json["loss"], kSquaredHinge, kHinge);
  if (!hinge) return std::unexpected(hinge.error());
  if (*hinge) options.loss = Loss::kHinge;
  if (*l1 && *hinge) return json["loss"].Unexpected(Quote(kSquaredHinge) + " with the penalty " + Quote(kL1));

  const Result<double> cost = ReadPositive(json["cost"]);
  if (!cost) return std::unexpected(cost.error());
  options.cost = *cost;
  const Result<bool> fit_intercept = json["fit_intercept"].Boolean();
  if (!fit_intercept) return std::unexpected(fit_intercept.error());
  options.fit_intercept = *fit_intercept;
  const Result<double> scaling = ReadPositive(json["intercept_scaling"]);
  if (!scaling) return std::unexpected(scaling.error());
  options.intercept_scaling = *scaling;
  if (const Result<void> weights = ReadClassWeights(json["class_weight"], class_names, options); !weights) {
    return std::unexpected(weights.error());
  }
  return options;
}

}  // namespace iris
