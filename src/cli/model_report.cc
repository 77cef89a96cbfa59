// SPDX-License-Identifier: Apache-2.0

#include "src/cli/model_report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "src/cli/text_table.h"

namespace iris {
namespace {

// What a terminal can show.
constexpr std::size_t kMostFeatures = 40;
constexpr std::size_t kMostColumns = 10;
constexpr std::size_t kMostNames = 20;

/// The class that row `r` decides for: with two classes the only row is for the second.
const std::string& RowClass(const Model& model, std::size_t r) {
  return model.class_names[model.rows() == 1 ? 1 : r];
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMostNames); ++i) text += (i == 0 ? "" : ", ") + words[i];
  return words.size() <= kMostNames ? text : text + " and " + std::to_string(words.size() - kMostNames) + " more";
}

nlohmann::ordered_json TextOrNull(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

nlohmann::ordered_json ClassWeightsJson(const TrainOptions& options) {
  if (options.balanced) return "balanced";
  if (options.class_weights.empty()) return nullptr;
  return options.class_weights;
}

void PutOptions(const Model& model, nlohmann::ordered_json& json) {
  for (const char* key : {"cost", "loss", "penalty", "class_weight", "fit_intercept", "intercept_scaling"}) {
    json[key] = nullptr;
  }
  if (!model.options_known) return;
  const TrainOptions& options = model.options;
  json["cost"] = options.cost;
  json["loss"] = LossName(options.loss);
  json["penalty"] = PenaltyName(options.penalty);
  json["class_weight"] = ClassWeightsJson(options);
  json["fit_intercept"] = options.fit_intercept;
  json["intercept_scaling"] = options.intercept_scaling;
}

std::string OptionsText(const Model& model) {
  if (!model.options_known) return "its file does not say how it was trained\n";
  const TrainOptions& options = model.options;
  std::string out = "loss " + LossName(options.loss) + ", penalty " + PenaltyName(options.penalty) + ", cost " +
                    Short(options.cost);
  out += options.fit_intercept ? ", intercept scaling " + Short(options.intercept_scaling) : ", no intercept";
  if (options.balanced) out += ", class weights balanced";
  for (const auto& [name, weight] : options.class_weights) {
    out += (name == options.class_weights.begin()->first ? ", class weights " : " ") + name + "=" + Short(weight);
  }
  return out + "\n";
}

std::string OriginText(const Model& model) {
  std::string out;
  if (!model.trained_by.empty()) out += "trained by " + model.trained_by + "\n";
  if (!model.data_sha256.empty()) out += "on data with SHA-256 " + model.data_sha256 + "\n";
  return out;
}

/// The features to show, in their order: those with the largest weight in any row.
std::vector<std::size_t> Heaviest(const Model& model) {
  std::vector<double> largest(model.feature_count());
  for (std::size_t r = 0; r < model.rows(); ++r) {
    const std::span<const double> row = model.row(r);
    for (std::size_t f = 0; f < row.size(); ++f) largest[f] = std::max(largest[f], std::abs(row[f]));
  }
  std::vector<std::size_t> features(model.feature_count());
  std::iota(features.begin(), features.end(), std::size_t{0});
  if (features.size() > kMostFeatures) {
    std::ranges::sort(features, [&](std::size_t a, std::size_t b) {
      return largest[a] != largest[b] ? largest[a] > largest[b] : a < b;
    });
    features.resize(kMostFeatures);
    std::ranges::sort(features);
  }
  return features;
}

std::string WeightsText(const Model& model) {
  const std::size_t columns = std::min(model.rows(), kMostColumns);
  const std::vector<std::size_t> features = Heaviest(model);
  TextTable table = {{"weight"}};
  for (std::size_t r = 0; r < columns; ++r) table[0].push_back(RowClass(model, r));
  for (const std::size_t f : features) {
    table.push_back({model.feature_names[f]});
    for (std::size_t r = 0; r < columns; ++r) table.back().push_back(Short(model.row(r)[f]));
  }
  table.push_back({"(bias)"});
  for (std::size_t r = 0; r < columns; ++r) table.back().push_back(Short(model.bias[r]));
  std::string left_out;
  if (features.size() < model.feature_count()) {
    left_out += "the " + std::to_string(features.size()) + " heaviest of " + std::to_string(model.feature_count()) +
                " features";
  }
  if (columns < model.rows()) {
    left_out += (left_out.empty() ? "the first " : ", and the first ") + std::to_string(columns) + " of " +
                std::to_string(model.rows()) + " rows";
  }
  return Aligned(table) + (left_out.empty() ? "" : left_out + "; --json shows all\n") + "\n";
}

std::string CertificatesText(const Model& model) {
  if (model.certificates.empty()) return "no certificate: how good the model is on its own data is not known\n";
  TextTable table = {{"certificate", "objective", "duality gap", "relative", "violation", "support vectors", "steps"}};
  for (std::size_t r = 0; r < model.certificates.size(); ++r) {
    const Certificate& each = model.certificates[r];
    table.push_back({RowClass(model, r), Short(each.objective), Short(each.duality_gap),
                     each.objective > 0 ? Short(each.duality_gap / each.objective) : "-", Short(each.violation),
                     std::to_string(each.support_vectors), std::to_string(each.steps)});
  }
  return Aligned(table);
}

}  // namespace

std::string LossName(Loss loss) {
  switch (loss) {
    case Loss::kSquaredHinge:
      return "squared_hinge";
    case Loss::kHinge:
      return "hinge";
  }
  return "unknown";
}

std::string PenaltyName(Penalty penalty) {
  switch (penalty) {
    case Penalty::kL2:
      return "l2";
    case Penalty::kL1:
      return "l1";
  }
  return "unknown";
}

nlohmann::ordered_json ModelJson(const Model& model) {
  nlohmann::ordered_json json;
  json["classes"] = model.class_names;
  json["features"] = model.feature_names;
  PutOptions(model, json);
  json["weights"] = nlohmann::ordered_json::array();
  for (std::size_t r = 0; r < model.rows(); ++r) {
    const auto row = model.row(r);
    json["weights"].push_back(std::vector<double>(row.begin(), row.end()));
  }
  json["bias"] = model.bias;
  json["certificates"] = nlohmann::ordered_json::array();
  for (std::size_t r = 0; r < model.certificates.size(); ++r) {
    const Certificate& certificate = model.certificates[r];
    json["certificates"].push_back({{"class", RowClass(model, r)},
                                    {"objective", certificate.objective},
                                    {"dual_objective", certificate.dual_objective},
                                    {"duality_gap", certificate.duality_gap},
                                    {"violation", certificate.violation},
                                    {"support_vectors", certificate.support_vectors},
                                    {"steps", certificate.steps}});
  }
  json["data_sha256"] = TextOrNull(model.data_sha256);
  json["trained_by"] = TextOrNull(model.trained_by);
  return json;
}

std::string JsonText(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string ModelText(const Model& model) {
  return "linear SVM with " + std::to_string(model.class_names.size()) + " classes (" + Joined(model.class_names) +
         ") and " + Counted(model.feature_count(), "feature") + "\n" + OptionsText(model) + OriginText(model) + "\n" +
         WeightsText(model) + CertificatesText(model);
}

}  // namespace iris
