// SPDX-License-Identifier: Apache-2.0
//
// Which class a label is: numbered as labels turn up, or looked up in a model's classes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/dataset/table.h"
#include "src/dataset/table_error.h"

namespace iris {

/// Most classes of a table: with more, the column that is taken for the label hardly is it. A model that another
/// program made may have more.
inline constexpr std::size_t kMaxClasses = 1000;

/// Class names and their numbers. One thread.
class ClassIndex {
 public:
  /// Numbers the classes that turn up in the table `origin`, whose label is found in `where` ("the last column").
  ClassIndex(std::string origin, std::string where) : origin_(std::move(origin)), where_(std::move(where)) {}
  /// Knows `classes` and refuses others.
  ClassIndex(std::string origin, std::span<const std::string> classes);

  /// The class called `label`, if there is one by now.
  std::optional<std::int32_t> Known(std::string_view label) const {
    const auto found = by_text_.find(label);
    return found == by_text_.end() ? std::nullopt : std::optional(found->second);
  }

  /// The class of a label that is text. Known class names are compared as numbers where none is the same text.
  /// Errors: kBadData: empty, missing ("NA"), not a fit name, the number that another class is, spelled differently,
  /// not a known class, one too many.
  Result<std::int32_t> OfText(std::string_view label, TextPosition position);

  /// The class of a label that is a number: its name is the shortest text of that number; known class names are
  /// compared as numbers. Requires: finite. Errors: as above.
  Result<std::int32_t> OfNumber(double label, TextPosition position);

  /// The names so far. Shape: classes.
  std::span<const std::string> names() const { return names_; }

  /// The classes, once `labels` holds the class of every sample; renumbers them as `order` says.
  /// Errors: kBadData for fewer than two classes. Requires: not made from known classes; at least one class.
  Result<std::vector<std::string>> Finish(ClassOrder order, std::span<std::int32_t> labels) &&;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  Result<std::int32_t> Add(std::string name, TextPosition position);

  std::string origin_;
  std::string where_;
  bool known_ = false;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> by_text_;
  std::unordered_map<double, std::int32_t> by_number_;
  std::vector<std::size_t> lines_;  // Shape: classes. Where each turned up; empty for known classes.
};

}  // namespace iris
