// SPDX-License-Identifier: Apache-2.0
//
// A labelled table. A plain value: copy it, move it, share it const between threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/dataset/matrix.h"

namespace iris {

/// Labelled samples. Invariant (kept by every reader): Columns(features) == feature_names.size(), Rows(features) ==
/// labels.size(), all values finite, and each label is an index into class_names.
struct Dataset {
  std::vector<std::string> feature_names;  ///< Shape: features. All different.
  std::vector<std::string> class_names;    ///< Shape: classes. All different.
  Matrix features;                         ///< Shape: samples × features.
  std::vector<std::int32_t> labels;        ///< Shape: samples. Index into class_names.
  std::string sha256;                      ///< Of the text that it was read from, in hexadecimal; empty: not from text.

  std::size_t samples() const { return labels.size(); }
  std::size_t feature_count() const { return feature_names.size(); }
};

}  // namespace iris
