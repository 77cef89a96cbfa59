// SPDX-License-Identifier: Apache-2.0
//
// A model as people and programs read it on standard output; shared by train and inspect.

#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "src/svm/model.h"

namespace iris {

/// "squared_hinge".
std::string LossName(Loss loss);

/// The model with classes, features, cost, loss, weights (shape rows × features), bias, and a certificate a row. Each
/// number reads back as the same double.
nlohmann::ordered_json ModelJson(const Model& model);

/// Indented JSON text, newline at the end. Names that are not UTF-8 are shown with U+FFFD.
std::string JsonText(const nlohmann::ordered_json& json);

/// The model as an aligned table, six digits a number.
std::string ModelText(const Model& model);

}  // namespace iris
