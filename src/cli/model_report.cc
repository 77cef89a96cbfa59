// SPDX-License-Identifier: Apache-2.0

#include "src/cli/model_report.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace iris {
namespace {

using Table = std::vector<std::vector<std::string>>;

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// The class that row `r` decides for: with two classes the only row is for the second.
const std::string& RowClass(const Model& model, std::size_t r) {
  return model.class_names[model.rows() == 1 ? 1 : r];
}

/// First column to the left, the others to the right.
std::string Aligned(const Table& table) {
  std::vector<std::size_t> widths;
  for (const auto& row : table) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      out += i == 0 ? row[i] + padding : "  " + padding + row[i];
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::string LossName(Loss loss) {
  switch (loss) {
    case Loss::kSquaredHinge:
      return "squared_hinge";
  }
  return "unknown";
}

nlohmann::ordered_json ModelJson(const Model& model) {
  nlohmann::ordered_json json;
  json["classes"] = model.class_names;
  json["features"] = model.feature_names;
  json["cost"] = model.options.cost;
  json["loss"] = LossName(model.options.loss);
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
                                    {"gradient_norm", certificate.gradient_norm},
                                    {"support_vectors", certificate.support_vectors},
                                    {"steps", certificate.steps}});
  }
  return json;
}

std::string JsonText(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string ModelText(const Model& model) {
  std::string out = "linear SVM with " + std::to_string(model.class_names.size()) + " classes (" +
                    Joined(model.class_names) + ") and " + std::to_string(model.feature_count()) + " features\n" +
                    "loss " + LossName(model.options.loss) + ", cost " + Short(model.options.cost) + "\n\n";
  Table weights = {{"weight"}};
  for (std::size_t r = 0; r < model.rows(); ++r) weights[0].push_back(RowClass(model, r));
  for (std::size_t f = 0; f < model.feature_count(); ++f) {
    weights.push_back({model.feature_names[f]});
    for (std::size_t r = 0; r < model.rows(); ++r) weights.back().push_back(Short(model.row(r)[f]));
  }
  weights.push_back({"(bias)"});
  for (const double bias : model.bias) weights.back().push_back(Short(bias));
  out += Aligned(weights) + "\n";

  if (model.certificates.empty()) return out + "no certificate: how good the model is on its own data is not known\n";
  Table certificates = {{"certificate", "objective", "duality gap", "gradient norm", "support vectors", "steps"}};
  for (std::size_t r = 0; r < model.certificates.size(); ++r) {
    const Certificate& each = model.certificates[r];
    certificates.push_back({RowClass(model, r), Short(each.objective), Short(each.duality_gap),
                            Short(each.gradient_norm), std::to_string(each.support_vectors),
                            std::to_string(each.steps)});
  }
  return out + Aligned(certificates);
}

}  // namespace iris
