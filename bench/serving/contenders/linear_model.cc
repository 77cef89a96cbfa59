// SPDX-License-Identifier: Apache-2.0

#include "linear_model.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace iris::bench {

LinearModel LinearModel::Read(const std::string& path) {
  std::ifstream file(path);
  std::size_t classes = 0;
  std::size_t features = 0;
  double bias = -1;
  std::string word;
  while (file >> word && word != "w") {
    if (word == "nr_class") {
      file >> classes;
    } else if (word == "nr_feature") {
      file >> features;
    } else if (word == "bias") {
      file >> bias;
    }
  }
  LinearModel model;
  model.classes_.resize(classes);
  // A line a feature, the bias last; a column a class.
  for (std::size_t row = 0; row < 5; ++row) {
    for (Class& each : model.classes_) file >> (row < 4 ? each.weights[row] : each.bias);
  }
  if (!file || classes < 3 || features != 4 || bias != 1) {
    std::fprintf(stderr, "%s: not LIBLINEAR's text of three classes or more, four features and a bias of 1\n",
                 path.c_str());
    std::exit(65);
  }
  return model;
}

int LinearModel::Predict(const Flower& flower) const {
  std::size_t best = 0;
  double most = 0;
  for (std::size_t k = 0; k < classes_.size(); ++k) {
    double value = 0;
    for (std::size_t j = 0; j < flower.size(); ++j) value += classes_[k].weights[j] * flower[j];
    value += classes_[k].bias;
    if (k == 0 || value > most) {
      best = k;
      most = value;
    }
  }
  return static_cast<int>(best);
}

}  // namespace iris::bench
