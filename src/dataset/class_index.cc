// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/class_index.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "src/base/number.h"
#include "src/base/text.h"

namespace iris {
namespace {

/// The order in which scikit-learn would number `names`. Shape: classes; entry k is the old number of the new class k.
std::vector<std::size_t> SortedOrder(const std::vector<std::string>& names) {
  std::vector<double> numbers;
  for (const std::string& name : names) {
    const std::optional<double> number = ParseDouble(name);
    if (number && std::isfinite(*number)) numbers.push_back(*number);
  }
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const bool numeric = numbers.size() == names.size();
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (numeric && numbers[a] != numbers[b]) return numbers[a] < numbers[b];
    return names[a] < names[b];
  });
  return order;
}

}  // namespace

ClassIndex::ClassIndex(std::string origin, std::span<const std::string> classes)
    : origin_(std::move(origin)), known_(true), names_(classes.begin(), classes.end()) {
  for (std::size_t k = 0; k < names_.size(); ++k) {
    by_text_.emplace(names_[k], static_cast<std::int32_t>(k));
    const std::optional<double> number = ParseDouble(names_[k]);
    if (number && std::isfinite(*number)) by_number_.emplace(*number, static_cast<std::int32_t>(k));
  }
}

Result<std::int32_t> ClassIndex::Add(std::string name, TextPosition position) {
  if (known_) {
    return TableError(origin_, position, "the label " + Quote(name),
                      "one of the model's classes: " + ListNames(names_));
  }
  if (names_.size() == kMaxClasses) {
    return TableError(origin_, position, "class number " + std::to_string(kMaxClasses + 1),
                      "at most " + std::to_string(kMaxClasses) + " classes (is " + where_ + " the label?)");
  }
  const auto next = static_cast<std::int32_t>(names_.size());
  by_text_.emplace(name, next);
  names_.push_back(std::move(name));
  lines_.push_back(position.line);
  return next;
}

Result<std::int32_t> ClassIndex::OfText(std::string_view label, TextPosition position) {
  if (const std::optional<std::int32_t> known = Known(label)) return *known;
  const std::optional<double> number = ParseDouble(label);
  const auto same = number ? by_number_.find(*number) : by_number_.end();
  if (known_ && same != by_number_.end()) return same->second;
  if (!known_ && IsMissingValue(label)) {
    return TableError(origin_, position, Quote(label),
                      "a class label (missing values are not filled in; a class of that name needs another one)");
  }
  Result<std::string> name = ReadName(origin_, position, label, "a class label");
  if (!name) return std::unexpected(std::move(name.error()));
  if (same != by_number_.end()) {
    const auto first = static_cast<std::size_t>(same->second);
    return TableError(origin_, position, "the label " + Quote(label),
                      "one spelling for one number: line " + std::to_string(lines_[first]) + " has " +
                          Quote(names_[first]));
  }
  const Result<std::int32_t> added = Add(*std::move(name), position);
  if (added && number) by_number_.emplace(*number, *added);
  return added;
}

Result<std::int32_t> ClassIndex::OfNumber(double label, TextPosition position) {
  if (const auto found = by_number_.find(label); found != by_number_.end()) return found->second;
  const Result<std::int32_t> added = Add(FormatDouble(label + 0.0), position);  // + 0: the class -0 is the class 0
  if (added) by_number_.emplace(label, *added);
  return added;
}

Result<std::vector<std::string>> ClassIndex::Finish(ClassOrder order, std::span<std::int32_t> labels) && {
  if (names_.size() < 2) {
    return TableError(origin_, {}, "one class only (" + Quote(names_.front()) + ")",
                      "at least two different labels in " + where_);
  }
  if (order == ClassOrder::kFirstAppearance) return std::move(names_);
  std::vector<std::string> sorted;
  std::vector<std::int32_t> renumbered(names_.size());
  for (const std::size_t old : SortedOrder(names_)) {
    renumbered[old] = static_cast<std::int32_t>(sorted.size());
    sorted.push_back(std::move(names_[old]));
  }
  for (std::int32_t& label : labels) label = renumbered[static_cast<std::size_t>(label)];
  return sorted;
}

}  // namespace iris
