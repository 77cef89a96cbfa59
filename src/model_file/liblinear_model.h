// SPDX-License-Identifier: Apache-2.0
//
// The text in which LIBLINEAR's liblinear-train writes a classifier and liblinear-predict reads it. The grammar stands
// above the reader in liblinear_model.cc.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/svm/model.h"

namespace iris {

/// The label that LIBLINEAR's text has for each class, since its classes are whole numbers: where all names are whole
/// numbers of 32 bits, and different ones, those; else the index of the class. Shape: classes.
std::vector<std::int32_t> LiblinearLabels(std::span<const std::string> class_names);

/// The model as LIBLINEAR's text, for which liblinear-predict gives the same classes (as LiblinearLabels), the decision
/// values being the same to the bit. Leaves out what the format has no place for: names, options, certificates.
std::string EncodeLiblinear(const Model& model);

/// Whether `text` begins as LIBLINEAR's text does. A look at its first word only.
bool IsLiblinear(std::string_view text);

/// Reads what LIBLINEAR wrote; the model gives the labels that liblinear-predict gives. Classes are named by their
/// labels, features feature_1, feature_2, …; the options are not known, and `trained_by` is "LIBLINEAR" and the solver
/// type. `origin` names the text in messages. Memory grows with the length of the text, whatever it says. Errors:
/// kBadData with the line: an unknown word, one that is there twice or missing, a solver type that is no linear
/// classifier, counts that do not fit, a number that is none or not finite, an end that comes too early or too late.
Result<Model> DecodeLiblinear(std::string_view text, const std::string& origin);

}  // namespace iris
