// SPDX-License-Identifier: Apache-2.0

#include "src/svm/class_costs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/base/number.h"
#include "src/base/text.h"

namespace iris {
namespace {

/// The classes' names in quotes, the first few of many.
std::string NameClasses(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t c = 0; c < std::min(names.size(), kMost); ++c) text += (c == 0 ? "" : ", ") + Quote(names[c]);
  if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
  return text;
}

std::vector<double> BalancedWeights(const Dataset& dataset) {
  const std::size_t classes = dataset.class_names.size();
  std::vector<std::size_t> counts(classes);
  for (const std::int32_t label : dataset.labels) ++counts[static_cast<std::size_t>(label)];
  std::vector<double> weights;
  for (const std::size_t count : counts) {
    weights.push_back(count == 0 ? 1.0
                                 : static_cast<double>(dataset.samples()) /
                                       (static_cast<double>(classes) * static_cast<double>(count)));
  }
  return weights;
}

}  // namespace

Result<std::vector<double>> ClassWeights(const Dataset& dataset, const TrainOptions& options) {
  if (options.balanced) {
    if (!options.class_weights.empty()) {
      return Fail(ErrorCode::kInvalidArgument,
                  "found balanced class weights and a weight for class " +
                      Quote(options.class_weights.begin()->first) + ", expected one or the other");
    }
    return BalancedWeights(dataset);
  }
  std::vector<double> weights(dataset.class_names.size(), 1.0);
  for (const auto& [name, weight] : options.class_weights) {
    const auto found = std::ranges::find(dataset.class_names, name);
    if (found == dataset.class_names.end()) {
      return Fail(ErrorCode::kInvalidArgument, "found a weight for class " + Quote(name) + ", expected one of " +
                                                   NameClasses(dataset.class_names));
    }
    if (!std::isfinite(weight) || weight <= 0.0) {
      return Fail(ErrorCode::kInvalidArgument, "found the weight " + FormatDouble(weight) + " for class " +
                                                   Quote(name) + ", expected a finite number greater than 0");
    }
    weights[static_cast<std::size_t>(found - dataset.class_names.begin())] = weight;
  }
  return weights;
}

std::vector<double> SampleCosts(const Dataset& dataset, double cost, const std::vector<double>& class_weights,
                                std::size_t positive) {
  const bool two_classes = class_weights.size() == 2;
  std::vector<double> cost_of_class(class_weights.size(), cost);
  for (std::size_t c = 0; c < class_weights.size(); ++c) {
    if (two_classes || c == positive) cost_of_class[c] = cost * class_weights[c];
  }
  std::vector<double> costs;
  costs.reserve(dataset.samples());
  for (const std::int32_t label : dataset.labels) costs.push_back(cost_of_class[static_cast<std::size_t>(label)]);
  return costs;
}

}  // namespace iris
