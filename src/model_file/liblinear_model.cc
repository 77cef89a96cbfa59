// SPDX-License-Identifier: Apache-2.0
//
// LIBLINEAR's model files. Source: save_model, load_model and predict_values in its linear.cpp, version 2.30.
//
//   file    = { header } "w" NL { row }
//   header  = one of these lines, each of them once, in any order (LIBLINEAR writes them in this one)
//             "solver_type" TYPE
//             "nr_class" N        classes
//             "label" L ... L     N whole numbers of 32 bits, all different
//             "nr_feature" F      features, without the bias
//             "bias" B            the constant feature; none where B < 0
//   row     = numbers, one a column: the weights of one feature in all columns; F rows, and where B >= 0 one for B
//
// Words and numbers stand apart by blanks; LIBLINEAR ends rows with one. Lines end with a newline, on Windows with CR
// LF, the last one too: a file that was cut short does not read. There is no checksum: a changed digit is not noticed.
//
// Meaning: N columns, column c for class L[c], the largest decision value wins, the first of equals. With N = 2 one
// column, > 0 for L[0], else L[1]; MCSVM_CS writes two then, of which LIBLINEAR looks at the first alone. A Model with
// one row means its class 1 where > 0, so the order of two labels is turned around here, and no sign changes. A
// decision value is summed in the order of features, B times the last row at the end: as svm/predictor.cc does with
// b = B v. Written are B = 1 with v = b, or B = -1 where all b are 0, and numbers in 17 digits, which read back bit for
// bit; the solver type says how it was trained, and of what came from LIBLINEAR is the one that it had.

#include "src/model_file/liblinear_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <utility>

#include "src/base/text.h"
#include "src/dataset/feature_names.h"
#include "src/model_file/liblinear_header.h"
#include "src/model_file/liblinear_text.h"

namespace iris {
namespace {

constexpr std::string_view kProgram = "LIBLINEAR ";

bool AllDifferent(std::vector<std::int32_t> labels) {
  std::ranges::sort(labels);
  return std::ranges::adjacent_find(labels) == labels.end();
}

/// The rows of numbers, into a model that has its names. Multiplies the last one by the constant feature.
Result<void> ReadWeights(LiblinearText& text, const LiblinearHeader& header, Model& model) {
  const std::size_t columns = header.columns();
  const std::size_t model_rows = header.classes == 2 ? 1 : columns;  // of MCSVM_CS' two columns the first counts
  model.weights.resize(model_rows * header.features);
  model.bias.resize(model_rows);
  const std::string expected = std::to_string(columns) + (columns == 1 ? " number" : " numbers");
  const std::string expected_rows = std::to_string(header.rows()) + " rows of weights";
  for (std::size_t row = 0; row < header.rows(); ++row) {
    if (Result<void> line = text.NextLine(expected_rows); !line) return line;
    for (std::size_t column = 0; column < columns; ++column) {
      const std::string_view word = text.NextWord();
      if (word.empty()) return text.Wrong(std::to_string(column) + " numbers in the row", expected);
      const Result<double> number = text.Number(word, "a finite number");
      if (!number) return std::unexpected(number.error());
      if (column >= model_rows) continue;
      if (row < header.features) {
        model.weights[column * header.features + row] = *number;
      } else if (model.bias[column] = header.bias * *number; !std::isfinite(model.bias[column])) {
        return text.Wrong("a bias weight of " + Quote(word), "its product with the bias to be finite");
      }
    }
    if (const std::string_view more = text.NextWord(); !more.empty()) {
      return text.Wrong(Quote(more) + " after the last number of the row", expected);
    }
  }
  return {};
}

std::string SolverType(const Model& model) {
  if (model.options_known) {
    if (model.options.penalty == Penalty::kL1) return "L1R_L2LOSS_SVC";
    return model.options.loss == Loss::kHinge ? "L2R_L1LOSS_SVC_DUAL" : "L2R_L2LOSS_SVC";
  }
  const std::string_view by = model.trained_by;
  const std::string_view type = by.starts_with(kProgram) ? by.substr(kProgram.size()) : "";
  const bool fits = IsLiblinearClassifier(type) && !(type == kCrammerSinger && model.rows() == 1);
  return fits ? std::string(type) : "L2R_L2LOSS_SVC";
}

void AppendNumber(std::string& text, double value) {
  std::array<char, 32> digits;  // "-1.2345678901234567e-308" takes 24
  const int length = std::snprintf(digits.data(), digits.size(), "%.17g", value);
  text.append(digits.data(), static_cast<std::size_t>(length));
}

}  // namespace

std::vector<std::int32_t> LiblinearLabels(std::span<const std::string> class_names) {
  std::vector<std::int32_t> labels;
  for (const std::string& name : class_names) {
    if (const std::optional<std::int32_t> label = ParseLabel(name)) labels.push_back(*label);
  }
  if (labels.size() == class_names.size() && AllDifferent(labels)) return labels;
  labels.clear();
  for (std::size_t c = 0; c < class_names.size(); ++c) labels.push_back(static_cast<std::int32_t>(c));
  return labels;
}

std::string EncodeLiblinear(const Model& model) {
  std::vector<std::int32_t> labels = LiblinearLabels(model.class_names);
  if (model.rows() == 1) std::ranges::reverse(labels);
  const bool has_bias = std::ranges::any_of(model.bias, [](double b) { return b != 0; });
  std::string text = "solver_type " + SolverType(model) + "\nnr_class " + std::to_string(labels.size()) + "\nlabel";
  for (const std::int32_t label : labels) text += " " + std::to_string(label);
  text += "\nnr_feature " + std::to_string(model.feature_count()) + "\nbias " + (has_bias ? "1" : "-1") + "\nw\n";
  const auto append_row = [&](const auto& weight) {
    for (std::size_t r = 0; r < model.rows(); ++r) {
      AppendNumber(text, weight(r));
      text += ' ';
    }
    text += '\n';
  };
  for (std::size_t k = 0; k < model.feature_count(); ++k) append_row([&](std::size_t r) { return model.row(r)[k]; });
  if (has_bias) append_row([&](std::size_t r) { return model.bias[r]; });
  return text;
}

bool IsLiblinear(std::string_view text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \t\r\n"));
  return std::ranges::find(kLiblinearHeaders, word) != kLiblinearHeaders.end();
}

Result<Model> DecodeLiblinear(std::string_view text, const std::string& origin) {
  LiblinearText lines(text, origin);
  const Result<LiblinearHeader> header = ReadLiblinearHeader(lines);
  if (!header) return std::unexpected(header.error());
  // A digit and a blank at least for each number: nothing is allocated for numbers that cannot be there.
  const std::size_t numbers = header->rows() * header->columns();
  if (lines.bytes_left() / 2 < numbers) {
    return lines.Wrong(std::to_string(lines.bytes_left()) + " bytes of weights",
                       std::to_string(numbers) + " numbers, as nr_class and nr_feature say: was the file cut short?");
  }
  Model model;
  model.options_known = false;
  model.trained_by = std::string(kProgram) + header->solver_type;
  for (const std::int32_t label : header->labels) model.class_names.push_back(std::to_string(label));
  if (header->classes == 2) std::ranges::reverse(model.class_names);
  model.feature_names = MadeUpFeatureNames(header->features);
  if (Result<void> weights = ReadWeights(lines, *header, model); !weights) {
    return std::unexpected(std::move(weights.error()));
  }
  if (lines.bytes_left() != 0) {
    return lines.Wrong("more after the last row", "the end of the file");
  }
  return model;
}

}  // namespace iris
