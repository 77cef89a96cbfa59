// SPDX-License-Identifier: Apache-2.0
//
// What stands above the weights in LIBLINEAR's text; grammar in liblinear_model.cc. Only model_file includes this.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/model_file/liblinear_text.h"

namespace iris {

/// Multi-class by Crammer and Singer: the one solver type that has two columns for two classes.
inline constexpr std::string_view kCrammerSinger = "MCSVM_CS";

/// The words that begin a line above the weights.
inline constexpr std::array<std::string_view, 5> kLiblinearHeaders = {"solver_type", "nr_class", "label", "nr_feature",
                                                                      "bias"};

/// Invariant: labels.size() == classes.
struct LiblinearHeader {
  std::string solver_type;
  std::size_t classes = 0;
  std::vector<std::int32_t> labels;
  std::size_t features = 0;
  double bias = 0;  ///< The constant feature; below 0 for none.

  bool has_bias() const { return bias >= 0; }
  std::size_t columns() const { return classes == 2 && solver_type != kCrammerSinger ? 1 : classes; }
  std::size_t rows() const { return features + (has_bias() ? 1 : 0); }
};

/// Whether `type` is the solver type of a linear classifier.
bool IsLiblinearClassifier(std::string_view type);

/// Reads everything up to and with the line "w". Errors: kBadData with the line.
Result<LiblinearHeader> ReadLiblinearHeader(LiblinearText& text);

}  // namespace iris
