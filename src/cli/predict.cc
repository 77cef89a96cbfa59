// SPDX-License-Identifier: Apache-2.0
//
// predict: samples in, classes out, in the same order; by a server, or by a model file without one.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/data_options.h"
#include "src/cli/exit_code.h"
#include "src/cli/interruption.h"
#include "src/cli/options.h"
#include "src/cli/settings.h"
#include "src/cli/progress.h"
#include "src/cli/server_address.h"
#include "src/cli/tls_options.h"
#include "src/client/client.h"
#include "src/dataset/table.h"
#include "src/model_file/model_file.h"
#include "src/svm/predictor.h"

namespace iris {
namespace {

struct PredictOptions {
  std::vector<std::string> numbers;
  std::string input;
  TableOptions table;
  std::string model_file;
  ClientOptions server;
  ClientTlsOptions tls;
  bool json = false;
};

/// The names that the tutorial's contract gives to 0, 1 and 2; a server's reply carries only the index.
std::vector<std::string> IrisClasses() { return {"setosa", "versicolor", "virginica"}; }
std::vector<std::string> IrisFeatures() { return {"sepal length", "sepal width", "petal length", "petal width"}; }

/// The sample on the command line. Shape: features.
Result<std::vector<double>> SampleFromArguments(const std::vector<std::string>& texts,
                                                const std::vector<std::string>& features) {
  if (texts.size() != features.size()) {
    std::string expected;
    for (const std::string& feature : features) expected += (expected.empty() ? "" : ", ") + feature;
    const std::string found = texts.empty() ? "no number" : std::to_string(texts.size()) + " number";
    return Fail(ErrorCode::kInvalidArgument, "found " + found + (texts.size() == 1 ? "" : "s") + ", expected " +
                                                 std::to_string(features.size()) + ": " + expected +
                                                 "; or --input FILE.csv");
  }
  std::vector<double> sample;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const std::optional<double> number = ParseDouble(text);
    if (!number) {
      return Fail(ErrorCode::kInvalidArgument, features[i] + ": found '" + text + "', expected a number");
    }
    sample.push_back(*number);
  }
  return sample;
}

/// All samples asked for, as a model with these names sees them.
Result<Matrix> LoadSamples(const PredictOptions& options, const std::vector<std::string>& features,
                           const ModelColumns& columns) {
  if (!options.input.empty()) {
    Progress progress;
    return LoadSamplesFor(columns, options.input, ShownReading(options.table, options.input, progress));
  }
  Result<std::vector<double>> sample = SampleFromArguments(options.numbers, features);
  if (!sample) return std::unexpected(sample.error());
  return DenseMatrix{.columns = features.size(), .values = *std::move(sample)};
}

/// Every value, zeros too, row after row. Shape: rows × columns, where a sparse matrix may have fewer columns.
std::vector<double> Values(const Matrix& matrix, std::size_t columns) {
  if (const auto* dense = std::get_if<DenseMatrix>(&matrix)) return dense->values;
  const auto& sparse = std::get<SparseMatrix>(matrix);
  std::vector<double> values(sparse.rows() * columns);
  for (std::size_t i = 0; i < sparse.rows(); ++i) {
    const SparseRow row = sparse.row(i);
    for (std::size_t k = 0; k < row.columns.size(); ++k) values[i * columns + row.columns[k]] = row.values[k];
  }
  return values;
}

/// "0 setosa" or {"species":0,"name":"setosa"}, a line a reply.
std::string Replies(const std::vector<std::int32_t>& species, const std::vector<std::string>& names, bool json) {
  std::string out;
  for (const std::int32_t index : species) {
    const bool named = index >= 0 && static_cast<std::size_t>(index) < names.size();
    if (json) {
      nlohmann::ordered_json object;
      object["species"] = index;
      object["name"] = nullptr;
      if (named) object["name"] = names[static_cast<std::size_t>(index)];
      out += object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    } else {
      out += std::to_string(index) + " " + (named ? names[static_cast<std::size_t>(index)] : "(unnamed)") + "\n";
    }
  }
  return out;
}

/// Refuses what a model cannot take; only numbers on the command line can be so.
Result<void> CheckFinite(const Matrix& samples, const std::vector<std::string>& features) {
  const auto* dense = std::get_if<DenseMatrix>(&samples);
  if (dense == nullptr) return {};
  const auto found = std::ranges::find_if(dense->values, [](double value) { return !std::isfinite(value); });
  if (found == dense->values.end()) return {};
  const auto feature = static_cast<std::size_t>(found - dense->values.begin()) % dense->columns;
  return Fail(ErrorCode::kInvalidArgument,
              features[feature] + ": found " + FormatDouble(*found) + ", expected a finite number");
}

ExitCode PredictWithModel(const PredictOptions& options) {
  const Result<Model> model = LoadModel(options.model_file);
  if (!model) return Report(model.error());
  const Result<Matrix> samples =
      LoadSamples(options, model->feature_names, {model->feature_names, model->class_names});
  if (!samples) return Report(samples.error());
  if (const Result<void> finite = CheckFinite(*samples, model->feature_names); !finite) return Report(finite.error());
  return PrintResult(Replies(PredictAll(*model, *samples), model->class_names, options.json));
}

ExitCode PredictWithServer(PredictOptions& options) {
  // Made-up names of features, so that a header may say whatever it likes: a server does not tell its model's.
  const ModelColumns columns = {{"feature_1", "feature_2", "feature_3", "feature_4"}, IrisClasses()};
  const Result<Matrix> samples = LoadSamples(options, IrisFeatures(), columns);
  if (!samples) return Report(samples.error());
  Result<std::optional<ClientTls>> tls = LoadClientTls(options.tls);
  if (!tls) return Report(tls.error());
  options.server.tls = *std::move(tls);
  const Result<std::unique_ptr<Client>> client = Client::Create(options.server);
  if (!client) return Report(client.error());
  const std::vector<double> values = Values(*samples, columns.feature_names.size());
  const Result<std::vector<std::int32_t>> species = (*client)->PredictIris(values);
  if (!species) return Report(species.error());
  return PrintResult(Replies(*species, IrisClasses(), options.json));
}

/// Refuses options that exclude each other; where one of them is only from the environment, the flag wins.
Result<void> Settle(const CommandDefinition& app, PredictOptions& options) {
  constexpr const char* kServerOptions[] = {"--host",   "--port",     "--timeout", "--tls",
                                            "--tls-ca", "--tls-cert", "--tls-key", "--tls-server-name"};
  const auto by_flag = [&app](const char* name) { return app.Get(name)->source == ValueSource::kFlag; };
  if (by_flag("--input") && !options.numbers.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "numbers and --input exclude each other; give one of them");
  }
  if (!options.numbers.empty()) options.input.clear();
  if (const std::optional<std::string> given = FirstGivenFlag(app, kServerOptions)) {
    if (by_flag("--model")) {
      return Fail(ErrorCode::kInvalidArgument, "--model needs no server: leave out " + *given + ", or --model");
    }
    options.model_file.clear();
  }
  return CheckTableOptions(app, options.input, "--input");
}

}  // namespace

std::function<ExitCode()> DefinePredict(CommandDefinition& app) {
  const auto options = std::make_shared<PredictOptions>();
  AddArguments(app, "SL SW PL PW",
               "sepal length, sepal width, petal length, petal width in cm; with --model its features, however many",
               options->numbers);
  AddText(app, "--input", "FILE",
          "classify every sample of a table, CSV or LIBSVM's text, or of standard input for '-'; a column for the "
          "label is not looked at",
          options->input);
  AddTableOptions(app, options->table);
  AddText(app, "--model", "FILE", "use this model, JSON or LIBLINEAR's text, and no server", options->model_file);
  AddServerAddressOptions(app, options->server);
  AddClientTlsOptions(app, options->tls);
  AddConfigOption(app);
  AddFlag(app, "--json", "print a JSON object a line", options->json);
  app.set_footer(
      "A server answers with a number alone: the names printed beside it are those of the three Iris species. With "
      "--model they are the model's own.");
  return [&app, options] {
    EndOnSignals();
    const Result<void> settled = Settle(app, *options);
    if (!settled) return Report(settled.error());
    return options->model_file.empty() ? PredictWithServer(*options) : PredictWithModel(*options);
  };
}

}  // namespace iris
