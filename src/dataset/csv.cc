// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/csv.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/dataset/csv_tokenizer.h"

namespace iris {
namespace {

constexpr std::size_t kMaxClasses = 1000;

std::string Columns(std::size_t count) { return std::to_string(count) + (count == 1 ? " column" : " columns"); }

/// A first line of names. An empty field is a missing value and not a name, so that it is reported, not swallowed.
bool IsHeader(std::span<const CsvField> features) {
  return std::ranges::none_of(features, [](const CsvField& f) { return f.text.empty() || ParseDouble(f.text); });
}

/// Appends the values of one row's feature fields to `values`.
Result<void> AppendNumbers(std::span<const CsvField> fields, const std::string& origin, std::vector<double>& values) {
  for (const CsvField& field : fields) {
    const std::optional<double> value = ParseDouble(field.text);
    if (!value || !std::isfinite(*value)) {
      const std::string found = field.text.empty() ? "an empty field" : Quote(field.text);
      return CsvError(origin, field.position, found, "a finite number");
    }
    values.push_back(*value);
  }
  return {};
}

/// A name of a class or feature: it goes into JSON and into replies, and onto terminals, so it must be there
/// and be UTF-8 without control characters.
Result<std::string> ReadName(const CsvField& field, const std::string& origin, const std::string& what) {
  if (field.text.empty()) return CsvError(origin, field.position, "an empty field", what);
  if (!IsUtf8(field.text)) {
    return CsvError(origin, field.position, Quote(field.text),
                    what + " in UTF-8 (convert the file, or save it as UTF-8)");
  }
  if (HasControlCharacter(field.text)) {
    return CsvError(origin, field.position, Quote(field.text), what + " without control characters or line ends");
  }
  return std::string(field.text);
}

/// Numbers classes in the order in which they first appear.
class ClassIndex {
 public:
  Result<std::int32_t> Find(const CsvField& label, const std::string& origin) {
    if (const auto found = index_.find(label.text); found != index_.end()) return found->second;
    Result<std::string> name = ReadName(label, origin, "a class label");
    if (!name) return std::unexpected(std::move(name.error()));
    if (names_.size() == kMaxClasses) {
      return CsvError(origin, label.position, "class number " + std::to_string(kMaxClasses + 1),
                      "at most " + std::to_string(kMaxClasses) + " classes (is the last column the label?)");
    }
    const auto next = static_cast<std::int32_t>(names_.size());
    index_.emplace(*name, next);
    names_.push_back(*std::move(name));
    return next;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> index_;
  std::vector<std::string> names_;
};

/// Names from a header, or made up.
Result<std::vector<std::string>> FeatureNames(std::span<const CsvField> features, bool header,
                                              const std::string& origin) {
  std::vector<std::string> names;
  std::unordered_set<std::string> different;
  for (const CsvField& field : features) {
    if (header) {
      Result<std::string> name = ReadName(field, origin, "a feature name");
      if (!name) return std::unexpected(std::move(name.error()));
      if (!different.insert(*name).second) {
        return CsvError(origin, field.position, "the feature " + Quote(*name) + " twice", "it once");
      }
      names.push_back(*std::move(name));
    } else {
      names.push_back("feature_" + std::to_string(names.size() + 1));
    }
  }
  return names;
}

std::unexpected<Error> WrongWidth(const CsvRecord& record, const std::string& origin, const std::string& expected) {
  return CsvError(origin, record.fields.front().position, Columns(record.fields.size()), expected);
}

}  // namespace

Result<Dataset> ParseLabelledCsv(std::string_view text, const std::string& origin) {
  CsvTokenizer tokenizer(text, origin);
  CsvRecord record;
  Dataset dataset;
  ClassIndex classes;
  std::size_t width = 0;  // features and the label; 0 until the first record
  while (true) {
    const TextPosition start = tokenizer.position();
    const Result<bool> more = tokenizer.Next(record);
    if (!more) return std::unexpected(more.error());
    if (!*more) {
      if (dataset.labels.empty()) {
        return CsvError(origin, start, "no rows", "rows of numbers with a label in the last column");
      }
      break;
    }
    if (width == 0) {
      width = record.fields.size();
      if (width < 2) return WrongWidth(record, origin, "features and a label, separated by commas");
      const std::span<const CsvField> features(record.fields.data(), width - 1);
      const bool header = IsHeader(features);
      Result<std::vector<std::string>> names = FeatureNames(features, header, origin);
      if (!names) return std::unexpected(std::move(names.error()));
      dataset.feature_names = *std::move(names);
      if (header) continue;
    }
    if (record.fields.size() != width) return WrongWidth(record, origin, Columns(width) + " as in the first line");
    const std::span<const CsvField> features(record.fields.data(), width - 1);
    if (Result<void> added = AppendNumbers(features, origin, dataset.features); !added) {
      return std::unexpected(std::move(added.error()));
    }
    const Result<std::int32_t> label = classes.Find(record.fields.back(), origin);
    if (!label) return std::unexpected(label.error());
    dataset.labels.push_back(*label);
  }
  if (classes.names().size() < 2) {
    return CsvError(origin, {}, "one class only (" + Quote(classes.names().front()) + ")",
                    "at least two different labels in the last column");
  }
  dataset.class_names = classes.names();
  return dataset;
}

Result<std::vector<double>> ParseSamplesCsv(std::string_view text, const std::string& origin,
                                            std::size_t feature_count) {
  CsvTokenizer tokenizer(text, origin);
  CsvRecord record;
  std::vector<double> values;
  std::size_t width = 0;
  while (true) {
    const TextPosition start = tokenizer.position();
    const Result<bool> more = tokenizer.Next(record);
    if (!more) return std::unexpected(more.error());
    if (!*more) {
      if (values.empty()) {
        return CsvError(origin, start, "no rows", "rows of " + std::to_string(feature_count) + " numbers");
      }
      return values;
    }
    const bool first = width == 0;
    if (first) {
      width = record.fields.size();
      if (width != feature_count && width != feature_count + 1) {
        return WrongWidth(record, origin,
                          Columns(feature_count) + " of features, separated by commas (a label may follow)");
      }
    }
    if (record.fields.size() != width) return WrongWidth(record, origin, Columns(width) + " as in the first line");
    const std::span<const CsvField> features(record.fields.data(), feature_count);
    if (first && IsHeader(features)) continue;
    if (Result<void> added = AppendNumbers(features, origin, values); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
}

}  // namespace iris
