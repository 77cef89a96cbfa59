// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/header_doubt.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "src/base/number.h"
#include "src/base/text.h"

namespace iris {
namespace {

/// Whether the features are whole numbers, each one more than the one before it. Two of them must start at 0: a sample
/// that looks so by chance is not rare enough otherwise.
bool CountOn(const CsvRecord& first, std::size_t label_column) {
  std::size_t features = 0;
  double start = 0.0;
  double previous = 0.0;
  for (std::size_t c = 0; c < first.fields.size(); ++c) {
    if (c == label_column) continue;
    const std::string_view text = first.fields[c].text;
    const std::optional<double> value = ParseDouble(text);
    if (!value || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
    if (features == 0) start = *value;
    if (features != 0 && *value != previous + 1.0) return false;
    previous = *value;
    ++features;
  }
  return features > 2 || (features == 2 && start == 0.0);
}

bool IsNumber(std::string_view text) { return ParseDouble(text).has_value(); }

}  // namespace

HeaderDoubt DoubtHeader(const CsvRecord& first, std::size_t label_column, const TableRequest& request) {
  if (request.options.header != TableHeader::kAuto || request.model != nullptr) return {};
  return {.label_is_text = !IsNumber(first.fields[label_column].text), .numbers_count = CountOn(first, label_column)};
}

std::string WhyHeader(const HeaderDoubt& doubt, std::span<const std::string> classes,
                      std::span<const std::int32_t> labels) {
  constexpr std::size_t kLeastRows = 3;  // without its first line it must be a table still, of two classes
  if (classes.empty() || labels.size() < kLeastRows || std::ranges::count(labels, labels.front()) != 1) return "";
  const auto others = classes.subspan(1);  // numbered as they turned up: the first line's is the first
  if (doubt.label_is_text && std::ranges::all_of(others, IsNumber)) {
    return "all labels are numbers but " + Quote(classes.front()) + ", its own";
  }
  if (doubt.numbers_count && others.size() > 1) {
    return "its numbers count on like names of columns, and the label " + Quote(classes.front()) + " is nowhere else";
  }
  return "";
}

}  // namespace iris
