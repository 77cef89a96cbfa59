// SPDX-License-Identifier: Apache-2.0
//
// A labelled table. A plain value: copy it, move it, share it const between threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace iris {

/// Labelled samples. Invariant (kept by every reader): features.size() == samples() * feature_names.size(), all values
/// finite, and each label is an index into class_names.
struct Dataset {
  std::vector<std::string> feature_names;  ///< Shape: features.
  std::vector<std::string> class_names;    ///< Shape: classes.
  std::vector<double> features;            ///< Shape: samples × features, row-major.
  std::vector<std::int32_t> labels;        ///< Shape: samples. Index into class_names.

  std::size_t samples() const { return labels.size(); }
  std::size_t feature_count() const { return feature_names.size(); }

  /// Sample `i`. Shape: features. Borrowed from this Dataset. Requires: i < samples().
  std::span<const double> sample(std::size_t i) const {
    return {features.data() + i * feature_count(), feature_count()};
  }
};

}  // namespace iris
