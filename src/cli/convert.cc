// SPDX-License-Identifier: Apache-2.0
//
// convert: a model file from one format to another. What the new one has no place for is said, not dropped in silence.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/exit_code.h"
#include "src/cli/interruption.h"
#include "src/cli/options.h"
#include "src/model_file/json_model.h"
#include "src/model_file/liblinear_model.h"
#include "src/model_file/model_file.h"

namespace iris {
namespace {

struct ConvertOptions {
  std::string model_file;
  std::string to;
  std::string out = "-";
};

/// A message for people when the classes become other names than they had.
void TellNewLabels(const Model& model) {
  constexpr std::size_t kMostNames = 20;
  const std::vector<std::int32_t> labels = LiblinearLabels(model.class_names);
  std::string changed;
  for (std::size_t c = 0; c < labels.size() && c < kMostNames; ++c) {
    const std::string label = std::to_string(labels[c]);
    if (label != model.class_names[c]) changed += (changed.empty() ? "" : ", ") + label + " " + model.class_names[c];
  }
  if (changed.empty()) return;
  PrintMessage("LIBLINEAR's classes are whole numbers: " + changed + (labels.size() > kMostNames ? ", ..." : ""));
}

void TellWhatIsLost(const Model& model) {
  TellNewLabels(model);
  std::string lost = "the names of the features";
  if (model.options_known) lost += ", the options";
  if (!model.certificates.empty()) lost += ", the certificates";
  if (!model.data_sha256.empty() || !model.trained_by.empty()) lost += ", where it comes from";
  PrintMessage("LIBLINEAR's text has no place for " + lost + "; keep the JSON for them");
}

ExitCode Convert(const ConvertOptions& options) {
  if (options.model_file.empty() || options.to.empty()) {
    PrintMessage("convert needs the model file and --to json or --to liblinear, as in 'iris-predictor convert "
                 "model.json --to liblinear --out model.txt'");
    return ExitCode::kUsage;
  }
  const Result<Model> model = LoadModel(options.model_file);
  if (!model) return Report(model.error());
  const ModelFormat format = options.to == "json" ? ModelFormat::kJson : ModelFormat::kLiblinear;
  if (options.out == "-") {
    const ExitCode printed =
        PrintResult(format == ModelFormat::kJson ? EncodeModel(*model) : EncodeLiblinear(*model));
    if (printed != ExitCode::kOk) return printed;
  } else {
    const SignalsHeld held(options.out);
    const Result<void> saved = SaveModel(*model, options.out, format);
    if (!saved) return Report(saved.error());
  }
  if (format == ModelFormat::kLiblinear) TellWhatIsLost(*model);
  return ExitCode::kOk;
}

}  // namespace

std::function<ExitCode()> DefineConvert(CommandDefinition& app) {
  const auto options = std::make_shared<ConvertOptions>();
  AddArgument(app, "MODEL", "the model file, JSON or LIBLINEAR's text", options->model_file);
  AddChoice(app, "--to", {"json", "liblinear"}, "the new format", options->to);
  AddText(app, "--out", "FILE", "where to, replacing the file atomically; '-' for standard output", options->out)
      ->set_default_text("-");
  app.set_footer(
      "LIBLINEAR's text has no place for names, options and certificates: what is left out is said on standard error.");
  return [options] {
    EndOnSignals();
    return Convert(*options);
  };
}

}  // namespace iris
