// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/liblinear_header.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::int64_t kLargestInt = std::numeric_limits<std::int32_t>::max();
constexpr std::array<std::string_view, 8> kClassifiers = {
    "L2R_LR",       "L2R_L2LOSS_SVC_DUAL", "L2R_L2LOSS_SVC", "L2R_L1LOSS_SVC_DUAL",
    kCrammerSinger, "L1R_L2LOSS_SVC",      "L1R_LR",         "L2R_LR_DUAL"};

Result<void> ReadSolverType(LiblinearText& text, LiblinearHeader& header) {
  const Result<std::string_view> type = text.OnlyWord("a solver type");
  if (!type) return std::unexpected(type.error());
  if (!IsLiblinearClassifier(*type)) {
    const bool known = type->contains("SVR") || *type == "ONECLASS_SVM";
    std::string expected = "one of";
    for (const std::string_view each : kClassifiers) expected += " " + std::string(each);
    return text.Wrong("the solver type " + Quote(*type) + (known ? ", which is no classifier" : ""), expected);
  }
  header.solver_type = *type;
  return {};
}

Result<void> ReadCount(LiblinearText& text, const std::string& name, std::int64_t least, std::size_t& count) {
  const std::string expected =
      name + ", a whole number from " + std::to_string(least) + " to " + std::to_string(kLargestInt);
  const Result<std::string_view> word = text.OnlyWord(expected);
  if (!word) return std::unexpected(word.error());
  const std::optional<std::int64_t> value = ParseWhole(*word);
  if (!value || *value < least || *value > kLargestInt) return text.Wrong(Quote(*word), expected);
  count = static_cast<std::size_t>(*value);
  return {};
}

Result<void> ReadLabels(LiblinearText& text, LiblinearHeader& header) {
  for (std::string_view word = text.NextWord(); !word.empty(); word = text.NextWord()) {
    const std::optional<std::int32_t> label = ParseLabel(word);
    if (!label) return text.Wrong("the label " + Quote(word), "a whole number of 32 bits");
    header.labels.push_back(*label);
  }
  std::vector<std::int32_t> sorted = header.labels;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    return text.Wrong("the label " + std::to_string(*twice) + " twice", "it once");
  }
  return {};
}

Result<void> ReadBias(LiblinearText& text, LiblinearHeader& header) {
  const std::string expected = "the bias, a finite number (below 0 for none)";
  const Result<std::string_view> word = text.OnlyWord(expected);
  if (!word) return std::unexpected(word.error());
  const Result<double> bias = text.Number(*word, expected);
  if (!bias) return std::unexpected(bias.error());
  header.bias = *bias;
  return {};
}

/// One line of the header, after its first word.
Result<void> ReadHeaderLine(LiblinearText& text, std::size_t which, LiblinearHeader& header) {
  switch (which) {
    case 0:
      return ReadSolverType(text, header);
    case 1:
      return ReadCount(text, "the number of classes", 2, header.classes);
    case 2:
      return ReadLabels(text, header);
    case 3:
      return ReadCount(text, "the number of features", 1, header.features);
    default:
      return ReadBias(text, header);
  }
}

}  // namespace

bool IsLiblinearClassifier(std::string_view type) {
  return std::ranges::find(kClassifiers, type) != kClassifiers.end();
}

Result<LiblinearHeader> ReadLiblinearHeader(LiblinearText& text) {
  LiblinearHeader header;
  std::array<bool, kLiblinearHeaders.size()> seen{};
  while (true) {
    if (Result<void> line = text.NextLine("a line with \"w\" and the weights"); !line) {
      return std::unexpected(std::move(line.error()));
    }
    const std::string_view word = text.NextWord();
    if (word == "w") break;
    const auto which = static_cast<std::size_t>(std::ranges::find(kLiblinearHeaders, word) - kLiblinearHeaders.begin());
    if (which == kLiblinearHeaders.size()) {
      return text.Wrong(Quote(word), "solver_type, nr_class, label, nr_feature, bias or w");
    }
    if (std::exchange(seen[which], true)) return text.Wrong(Quote(word) + " twice", "it once");
    if (Result<void> read = ReadHeaderLine(text, which, header); !read) return std::unexpected(std::move(read.error()));
  }
  if (const std::string_view more = text.NextWord(); !more.empty()) {
    return text.Wrong(Quote(more) + " after \"w\"", "the weights in the lines below");
  }
  if (const auto missing = std::ranges::find(seen, false); missing != seen.end()) {
    return text.Wrong("no " + std::string(kLiblinearHeaders[static_cast<std::size_t>(missing - seen.begin())]),
                      "a line with it before \"w\"");
  }
  if (header.labels.size() != header.classes) {
    return text.Wrong(std::to_string(header.labels.size()) + " labels",
                      std::to_string(header.classes) + ", one a class, as nr_class says");
  }
  return header;
}

}  // namespace iris
