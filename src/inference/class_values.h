// SPDX-License-Identifier: Apache-2.0
//
// Decision values and what they are made of, one a class: also for two classes, where the model has a single row. There
// class 1 has the row's values and class 0 their negatives, so that one rule holds for any number of classes: the
// largest decision value is the label's, ties to the lowest index; and decision[k] = the sum of contribution[k], in
// feature order, + bias[k], to the last bit.
// Pure functions of an immutable Model; safe from any thread.

#pragma once

#include <cstddef>
#include <span>

#include "src/svm/model.h"

namespace iris {

/// Decision value of every class. Shape of x: features; of out: classes. Requires: the shapes fit.
void ClassDecisions(const Model& model, std::span<const double> x, std::span<double> out);

/// The same of several samples at once, sooner. Shape of samples: n × features, row-major; of out: n × classes.
void ClassDecisionsBatch(const Model& model, std::span<const double> samples, std::span<double> out);

/// The terms w[k, i] x[i]. Shape of x: features; of out: classes × features, row-major. Requires: the shapes fit.
void ClassContributions(const Model& model, std::span<const double> x, std::span<double> out);

/// The term of class `k` that goes with no feature. Requires: k < number of classes.
double ClassBias(const Model& model, std::size_t k);

}  // namespace iris
