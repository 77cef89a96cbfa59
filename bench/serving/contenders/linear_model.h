// SPDX-License-Identifier: Apache-2.0
//
// The model that the C++ contenders predict from: read from LIBLINEAR's text, as `iris-predictor convert` writes it.

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace iris::bench {

/// The four measurements of one flower. Units: cm.
using Flower = std::array<double, 4>;

/// One weight vector and bias a class. Immutable once read; safe to share const between threads.
class LinearModel {
 public:
  /// Ends the process with a message when the file is not LIBLINEAR's text for four features and a bias.
  static LinearModel Read(const std::string& path);

  /// Index of the class with the greatest decision value; the lowest one of equals.
  int Predict(const Flower& flower) const;

 private:
  struct Class {
    Flower weights;
    double bias;
  };
  std::vector<Class> classes_;
};

}  // namespace iris::bench
