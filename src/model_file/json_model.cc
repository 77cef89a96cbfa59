// SPDX-License-Identifier: Apache-2.0
//
// The model file, version 1: one JSON object (RFC 8259), UTF-8, with exactly these keys; the encoder writes them in
// this order, indented by two spaces, a newline at the end.
//
//   "format"        "iris-predictor-model"
//   "version"       1; a change that an old reader would misread gets a new number
//   "classes"       names of the classes, two or more, all different
//   "features"      names of the features, one or more, all different
//   "weights"       rows × features numbers, an array a row; rows is 1 for two classes (a positive decision value
//                   means the second class), else the number of classes
//   "bias"          rows numbers
//   "options"       what it was trained with, in the words of scikit-learn's LinearSVC (svm/model.h): an object of
//                     "penalty"            "l2", or "l1" with the squared hinge
//                     "loss"               "squared_hinge" or "hinge"
//                     "cost"               C > 0
//                     "fit_intercept"      true or false
//                     "intercept_scaling"  a number > 0
//                     "class_weight"       null, "balanced", or {class: weight > 0} for some of "classes"
//                   or null where that is not known, as in a model from LIBLINEAR
//   "certificates"  rows objects {"objective", "dual_objective", "duality_gap", "violation": numbers,
//                   "support_vectors", "steps": counts}; or none, for a model that another program made. objective and
//                   violation are not negative; duality_gap is objective - dual_objective, not negative, up to rounding
//                   (1e-12 of the larger)
//   "training_data" {"sha256": of the file that it was trained on, 64 lower-case hexadecimal digits}, or null
//   "trained_by"    program and version that made it; may be empty
//   "checksum"      SHA-256 in 64 lower-case hexadecimal digits, of all bytes of the file before the quote that opens
//                   this key. It is the last key, and after its value come a newline, "}" and a newline and nothing
//                   else, so that no byte of the file is without protection. In Python:
//                     text = json.dumps(model, indent=2)[:-2] + ",\n  "
//                     text += '"checksum": "' + hashlib.sha256(text.encode()).hexdigest() + '"\n}\n'
//
// Names are not empty and hold no control characters. A file has at most 64 MiB. All numbers are finite, and written so
// that they read back as the same double. The checksum is looked at last: a file that is wrong in itself gets the
// message that says how.

#include "src/model_file/json_model.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "src/base/sha256.h"
#include "src/base/text.h"
#include "src/model_file/json_certificate.h"
#include "src/model_file/json_fields.h"
#include "src/model_file/json_options.h"
#include "src/model_file/json_syntax.h"

namespace iris {
namespace {

constexpr std::string_view kFormat = "iris-predictor-model";
constexpr int kVersion = 1;
constexpr std::size_t kSha256Digits = 64;
constexpr std::string_view kChecksumOpen = "\"checksum\": \"";
constexpr std::string_view kChecksumClose = "\"\n}\n";

/// Format and version: what decides whether the rest can be understood at all.
Result<void> CheckFormat(const JsonField& json) {
  if (!json.Has("format")) return json.Wrong("no key \"format\"", "a model file of iris-predictor");
  const Result<std::string> format = json["format"].String();
  if (!format) return std::unexpected(format.error());
  if (*format != kFormat) return json["format"].Unexpected(Quote(kFormat));
  if (!json.Has("version")) return json.Wrong("no key \"version\"", "it to be there");
  const Result<std::int64_t> version = json["version"].Count();
  if (!version) return std::unexpected(version.error());
  if (*version != kVersion) {
    return json["version"].Unexpected("version " + std::to_string(kVersion) +
                                      " (train the model again with this program, or use a newer program)");
  }
  return {};
}

/// The names in an array: they go into replies and onto terminals.
Result<std::vector<std::string>> ReadNameList(const JsonField& json, const std::string& kind) {
  Result<std::vector<std::string>> names = json.Strings();
  if (!names) return names;
  for (const std::string& name : *names) {
    if (name.empty()) return json.Wrong("an empty " + kind + " name", "a name");
    if (HasControlCharacter(name)) return json.Wrong("the " + kind + " " + Quote(name), "no control characters in it");
  }
  std::vector<std::string_view> sorted(names->begin(), names->end());
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    return json.Wrong("the " + kind + " " + Quote(*twice) + " twice", "it once");
  }
  return names;
}

/// Names of classes and features.
Result<void> ReadNames(const JsonField& json, Model& model) {
  Result<std::vector<std::string>> classes = ReadNameList(json["classes"], "class");
  if (!classes) return std::unexpected(classes.error());
  if (classes->size() < 2) return json["classes"].Wrong(std::to_string(classes->size()) + " classes", "at least two");
  Result<std::vector<std::string>> features = ReadNameList(json["features"], "feature");
  if (!features) return std::unexpected(features.error());
  if (features->empty()) return json["features"].Wrong("no features", "at least one");
  model.class_names = *std::move(classes);
  model.feature_names = *std::move(features);
  return {};
}

/// Weights and bias. Requires: the names are there.
Result<void> ReadRows(const JsonField& json, Model& model) {
  const std::size_t rows = model.class_names.size() == 2 ? 1 : model.class_names.size();
  const Result<std::vector<JsonField>> weights = json["weights"].Elements(rows, "arrays of numbers");
  if (!weights) return std::unexpected(weights.error());
  for (const JsonField& row : *weights) {
    const Result<std::vector<double>> numbers = row.Numbers(model.feature_count());
    if (!numbers) return std::unexpected(numbers.error());
    model.weights.insert(model.weights.end(), numbers->begin(), numbers->end());
  }
  Result<std::vector<double>> bias = json["bias"].Numbers(rows);
  if (!bias) return std::unexpected(std::move(bias.error()));
  model.bias = *std::move(bias);
  return {};
}

/// How it came to be: options, certificates, data and program. Requires: names and rows are there.
Result<void> ReadOrigin(const JsonField& json, Model& model) {
  if (json["options"].IsNull()) {
    model.options_known = false;
  } else {
    Result<TrainOptions> options = ReadOptions(json["options"], model.class_names);
    if (!options) return std::unexpected(std::move(options.error()));
    model.options = *std::move(options);
  }
  const Result<std::vector<JsonField>> certificates = json["certificates"].Elements(JsonField::kAny, "objects");
  if (!certificates) return std::unexpected(certificates.error());
  if (!certificates->empty() && certificates->size() != model.rows()) {
    return json["certificates"].Wrong(std::to_string(certificates->size()) + " elements",
                                      std::to_string(model.rows()) + ", one a row of weights, or none");
  }
  for (const JsonField& element : *certificates) {
    const Result<Certificate> certificate = ReadCertificate(element);
    if (!certificate) return std::unexpected(certificate.error());
    model.certificates.push_back(*certificate);
  }
  if (const JsonField data = json["training_data"]; !data.IsNull()) {
    if (Result<void> keys = data.ExpectKeys({"sha256"}); !keys) return keys;
    Result<std::string> sha256 = data["sha256"].String();
    if (!sha256) return std::unexpected(std::move(sha256.error()));
    if (sha256->size() != kSha256Digits || sha256->find_first_not_of("0123456789abcdef") != std::string::npos) {
      return data["sha256"].Unexpected(std::to_string(kSha256Digits) + " lower-case hexadecimal digits");
    }
    model.data_sha256 = *std::move(sha256);
  }
  Result<std::string> trained_by = json["trained_by"].String();
  if (!trained_by) return std::unexpected(std::move(trained_by.error()));
  if (HasControlCharacter(*trained_by)) return json["trained_by"].Unexpected("no control characters in it");
  model.trained_by = *std::move(trained_by);
  return {};
}

Result<Model> ReadModel(const JsonField& json) {
  if (Result<void> format = CheckFormat(json); !format) return std::unexpected(std::move(format.error()));
  if (Result<void> keys = json.ExpectKeys({"format", "version", "classes", "features", "weights", "bias", "options",
                                           "certificates", "training_data", "trained_by", "checksum"});
      !keys) {
    return std::unexpected(std::move(keys.error()));
  }
  Model model;
  if (Result<void> names = ReadNames(json, model); !names) return std::unexpected(std::move(names.error()));
  if (Result<void> rows = ReadRows(json, model); !rows) return std::unexpected(std::move(rows.error()));
  if (Result<void> origin = ReadOrigin(json, model); !origin) return std::unexpected(std::move(origin.error()));
  return model;
}

/// Holds the file's bytes against its last key. Requires: `text` is JSON.
Result<void> CheckChecksum(std::string_view text, const JsonField& json, const std::string& origin) {
  const Result<std::string> stored = json["checksum"].String();
  if (!stored) return std::unexpected(stored.error());
  const std::size_t open = text.rfind(kChecksumOpen);
  if (open == std::string_view::npos ||
      text.substr(open) != std::string(kChecksumOpen) + *stored + std::string(kChecksumClose)) {
    return json["checksum"].Wrong("it elsewhere or laid out otherwise",
                                  "it as the last key, on a line of its own, and nothing after it but a newline, "
                                  "\"}\" and a newline");
  }
  const std::string actual = Sha256Hex(text.substr(0, open));
  if (actual == *stored) return {};
  return Fail(ErrorCode::kBadData, origin + ": checksum: the content has " + actual + ", but the file says " +
                                       Quote(*stored) +
                                       ": it was damaged or edited since it was written; restore it or train again");
}

}  // namespace

std::string EncodeModel(const Model& model) {
  Json weights = Json::array();
  for (std::size_t r = 0; r < model.rows(); ++r) weights.push_back(model.row(r));
  Json certificates = Json::array();
  for (const Certificate& certificate : model.certificates) certificates.push_back(CertificateToJson(certificate));
  const Json json = {{"format", kFormat},
                     {"version", kVersion},
                     {"classes", model.class_names},
                     {"features", model.feature_names},
                     {"weights", std::move(weights)},
                     {"bias", model.bias},
                     {"options", model.options_known ? OptionsToJson(model.options) : Json()},
                     {"certificates", std::move(certificates)},
                     {"training_data", model.data_sha256.empty() ? Json() : Json{{"sha256", model.data_sha256}}},
                     {"trained_by", model.trained_by}};
  // `replace`: names that are not UTF-8 break the Model's invariant, but must not throw here.
  std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace);
  text.resize(text.size() - 2);  // "\n}"
  text += ",\n  ";
  const std::string checksum = Sha256Hex(text);
  text += kChecksumOpen;
  text += checksum;
  text += kChecksumClose;
  return text;
}

Result<Model> DecodeModel(std::string_view json, const std::string& origin) {
  const Result<Json> tree = ParseStrictJson(json, origin);
  if (!tree) return std::unexpected(tree.error());
  const JsonField root(*tree, origin);
  Result<Model> model = ReadModel(root);
  if (!model) return model;
  if (Result<void> checked = CheckChecksum(json, root, origin); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return model;
}

}  // namespace iris
