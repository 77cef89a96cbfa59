// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/csv_layout.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/dataset/feature_names.h"

namespace iris {
namespace {

constexpr const char* kSeparated = ", separated by commas, semicolons or tabs";

/// The column that the options call the label. Requires: `header` when they name it.
Result<std::size_t> FindLabel(const CsvRecord& first, const std::string& origin, const TableOptions& options) {
  const std::size_t width = first.fields.size();
  if (!options.label_name.empty()) {
    const auto is_label = [&](const CsvField& field) { return field.text == options.label_name; };
    const auto found = std::ranges::find_if(first.fields, is_label);
    if (found == first.fields.end()) {
      std::vector<std::string> names;
      for (const CsvField& field : first.fields) names.emplace_back(field.text);
      return TableError(origin, first.fields.front().position, "the columns " + ListNames(names),
                        "one called " + Quote(options.label_name) + " (the label)");
    }
    if (const auto again = std::find_if(found + 1, first.fields.end(), is_label); again != first.fields.end()) {
      return TableError(origin, again->position, "the column " + Quote(options.label_name) + " (the label) twice",
                        "it once");
    }
    return static_cast<std::size_t>(found - first.fields.begin());
  }
  const bool from_end = options.label_position < 0;
  const auto distance =
      static_cast<std::size_t>(from_end ? -std::int64_t{options.label_position} : std::int64_t{options.label_position});
  if (distance > width) {
    return TableError(origin, first.fields.front().position, Columns(width),
                      "a label in column " + std::to_string(options.label_position));
  }
  return from_end ? width - distance : distance - 1;
}

std::string LabelPlace(const TableOptions& options) {
  if (!options.label_name.empty()) return "the column " + Quote(options.label_name);
  if (options.label_position == -1) return "the last column";
  return "column " + std::to_string(options.label_position);
}

/// A first line of names. What was meant for a number, if only a missing one, is not a name, so that it is reported, not
/// swallowed.
bool LooksLikeHeader(const CsvRecord& first, std::size_t label_column) {
  for (std::size_t c = 0; c < first.fields.size(); ++c) {
    if (c == label_column) continue;
    if (first.fields[c].text.empty() || MeansNumber(first.fields[c].text)) return false;
  }
  return true;
}

/// What pandas' to_csv() makes unless told not to: a first column of row numbers, without a name.
std::unexpected<Error> RowNumbersError(const CsvField& field, const std::string& origin) {
  return TableError(origin, field.position, "no name for the first column (row numbers, as pandas writes them?)",
                    "a feature name (leave the column away, with to_csv(index=False); or name it, if it is a feature)");
}

/// Whether `first` is a header of names, all but the first.
bool LacksFirstName(const CsvRecord& first, const TableOptions& options) {
  const auto width = static_cast<std::int64_t>(first.fields.size());
  const bool label_first = options.label_position == 1 || options.label_position == -width;
  if (options.header == TableHeader::kNo || width < 3 || !first.fields.front().text.empty()) return false;
  if (options.label_name.empty() && label_first) return false;
  return std::ranges::none_of(first.fields.begin() + 1, first.fields.end(), [](const CsvField& field) {
    return field.text.empty() || MeansNumber(field.text);
  });
}

/// Whether the fields of the features are names of the model's features, and numbers too.
bool NamesAreNumbers(const CsvRecord& first, std::size_t label_column, const ModelColumns& model) {
  const std::unordered_set<std::string_view> names(model.feature_names.begin(), model.feature_names.end());
  for (std::size_t c = 0; c < first.fields.size(); ++c) {
    if (c == label_column) continue;
    if (!names.contains(first.fields[c].text) || !ParseDouble(first.fields[c].text)) return false;
  }
  return true;
}

/// The names of the feature columns in the header `first`. Shape: features.
Result<std::vector<std::string>> ReadHeader(const CsvRecord& first, const std::string& origin,
                                            std::size_t label_column) {
  std::vector<std::string> names;
  std::unordered_set<std::string> different;
  for (std::size_t c = 0; c < first.fields.size(); ++c) {
    if (c == label_column) continue;
    const CsvField& field = first.fields[c];
    if (c == 0 && field.text.starts_with('#')) {
      return TableError(origin, field.position, Quote(field.text),
                        "a header or numbers (a CSV has no comments: take the '#', or the line, away)");
    }
    if (c == 0 && field.text.empty()) return RowNumbersError(field, origin);
    Result<std::string> name = ReadName(origin, field.position, field.text, "a feature name");
    if (!name) return std::unexpected(std::move(name.error()));
    if (!different.insert(*name).second) {
      return TableError(origin, field.position, "the feature " + Quote(*name) + " twice", "it once");
    }
    names.push_back(*std::move(name));
  }
  return names;
}

/// Which of the model's features each feature column is. Shape: features.
Result<std::vector<std::size_t>> MatchNames(const CsvRecord& first, const std::string& origin, std::size_t label_column,
                                            const std::vector<std::string>& names, const ModelColumns& model) {
  std::unordered_map<std::string_view, std::size_t> features;
  for (std::size_t k = 0; k < model.feature_names.size(); ++k) features.emplace(model.feature_names[k], k);
  std::vector<std::size_t> matches(names.size());
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto found = features.find(names[k]);
    if (found != features.end()) {
      matches[k] = found->second;
      continue;
    }
    if (AreMadeUpFeatureNames(model.feature_names)) {
      std::iota(matches.begin(), matches.end(), std::size_t{0});
      return matches;
    }
    const std::size_t column = k < label_column ? k : k + 1;
    std::string expected = "the model's features in any order, or no header: " + ListNames(model.feature_names);
    if (label_column < first.fields.size() && features.contains(first.fields[label_column].text)) {
      expected += " (" + Quote(first.fields[label_column].text) + " is taken for the label; if it is " +
                  Quote(names[k]) + ", say so with --label)";
    }
    return TableError(origin, first.fields[column].position, "the feature " + Quote(names[k]), expected);
  }
  return matches;
}

}  // namespace

Result<CsvLayout> DecideCsvLayout(const CsvRecord& first, const std::string& origin, const TableRequest& request) {
  const TableOptions& options = request.options;
  const std::size_t width = first.fields.size();
  const std::size_t wanted = request.model == nullptr ? 0 : request.model->feature_names.size();
  const bool label = !request.samples_only || width == wanted + 1;

  if (LacksFirstName(first, options)) return RowNumbersError(first.fields.front(), origin);
  if (request.samples_only && width != wanted && width != wanted + 1) {
    return TableError(origin, first.fields.front().position, Columns(width),
                      Columns(wanted) + " of features" + kSeparated + " (a label may be among them)");
  }
  if (label && width < 2) {
    return TableError(origin, first.fields.front().position, Columns(width),
                      std::string("features and a label") + kSeparated);
  }
  CsvLayout layout;
  layout.shape.label_column = width;
  if (label) {
    const Result<std::size_t> column = FindLabel(first, origin, options);
    if (!column) return std::unexpected(column.error());
    layout.shape.label_column = *column;
    layout.label_place = LabelPlace(options);
  }
  const std::size_t feature_count = label ? width - 1 : width;
  if (request.model != nullptr && feature_count != wanted) {
    return TableError(origin, first.fields.front().position, Columns(width),
                      Columns(wanted + 1) + ": the model's " + std::to_string(wanted) + " features and a label");
  }

  if (options.header == TableHeader::kAuto && request.model != nullptr &&
      NamesAreNumbers(first, layout.shape.label_column, *request.model)) {
    return TableError(origin, first.fields.front().position,
                      "a first line that can be the header or a sample (its numbers are the names of the model's "
                      "features)",
                      "to be told which: --header yes or --header no");
  }
  layout.header = options.header == TableHeader::kYes || (label && !options.label_name.empty()) ||
                  (options.header == TableHeader::kAuto && LooksLikeHeader(first, layout.shape.label_column));
  if (layout.header) {
    Result<std::vector<std::string>> names = ReadHeader(first, origin, layout.shape.label_column);
    if (!names) return std::unexpected(std::move(names.error()));
    layout.feature_names = *std::move(names);
  } else {
    layout.feature_names = MadeUpFeatureNames(feature_count);
  }

  std::vector<std::size_t> matches(feature_count);
  std::iota(matches.begin(), matches.end(), std::size_t{0});
  if (request.model != nullptr && layout.header) {
    Result<std::vector<std::size_t>> matched =
        MatchNames(first, origin, layout.shape.label_column, layout.feature_names, *request.model);
    if (!matched) return std::unexpected(std::move(matched.error()));
    matches = *std::move(matched);
  }
  if (request.model != nullptr) layout.feature_names = request.model->feature_names;
  layout.shape.slots = std::move(matches);
  if (label) {
    layout.shape.slots.insert(layout.shape.slots.begin() + static_cast<std::ptrdiff_t>(layout.shape.label_column), 0);
  }
  return layout;
}

}  // namespace iris
