// SPDX-License-Identifier: Apache-2.0
//
// A model as people and programs read it on standard output; shared by train and inspect.

#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "src/svm/model.h"

namespace iris {

/// "squared_hinge", "hinge".
std::string LossName(Loss loss);

/// "l2", "l1".
std::string PenaltyName(Penalty penalty);

/// The model with classes, features, options, weights (shape rows × features), bias, a certificate a row, and where it
/// comes from; what is not known is null. Each number reads back as the same double.
nlohmann::ordered_json ModelJson(const Model& model);

/// Indented JSON text, newline at the end. Names that are not UTF-8 are shown with U+FFFD.
std::string JsonText(const nlohmann::ordered_json& json);

/// The model as aligned tables, six digits a number. Of a large one the heaviest features and the first rows; what is
/// left out is said.
std::string ModelText(const Model& model);

}  // namespace iris
