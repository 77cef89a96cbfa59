// SPDX-License-Identifier: Apache-2.0
//
// predict: samples in, classes out, in the same order; by a server, or by a model file without one.

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "src/base/number.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/exit_code.h"
#include "src/cli/options.h"
#include "src/cli/server_address.h"
#include "src/cli/tls_options.h"
#include "src/client/client.h"
#include "src/dataset/csv.h"
#include "src/model_file/json_model.h"
#include "src/svm/predictor.h"
#include "src/system/signals.h"

namespace iris {
namespace {

struct PredictOptions {
  std::vector<std::string> numbers;
  std::string input;
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
    const std::string text = UnshieldedWord(texts[i]);
    const std::optional<double> number = ParseDouble(text);
    if (!number) {
      return Fail(ErrorCode::kInvalidArgument, features[i] + ": found '" + text + "', expected a number");
    }
    sample.push_back(*number);
  }
  return sample;
}

/// All samples asked for. Shape: n × features.
Result<std::vector<double>> LoadSamples(const PredictOptions& options, const std::vector<std::string>& features) {
  if (options.input.empty()) return SampleFromArguments(options.numbers, features);
  const Result<std::string> text = ReadInput(options.input, kMaxInputBytes);
  if (!text) return std::unexpected(text.error());
  return ParseSamplesCsv(*text, InputName(options.input), features.size());
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

ExitCode PredictWithModel(const PredictOptions& options) {
  const Result<Model> model = LoadModel(options.model_file);
  if (!model) return Report(model.error());
  const Result<std::vector<double>> samples = LoadSamples(options, model->feature_names);
  if (!samples) return Report(samples.error());
  const std::size_t features = model->feature_count();
  std::vector<std::int32_t> species;
  for (std::size_t begin = 0; begin < samples->size(); begin += features) {
    const std::span<const double> sample(samples->data() + begin, features);
    for (std::size_t f = 0; f < features; ++f) {
      if (!std::isfinite(sample[f])) {
        PrintMessage(model->feature_names[f] + ": found " + FormatDouble(sample[f]) + ", expected a finite number");
        return ExitCode::kUsage;
      }
    }
    species.push_back(Predict(*model, sample));
  }
  return PrintResult(Replies(species, model->class_names, options.json));
}

ExitCode PredictWithServer(PredictOptions& options) {
  const Result<std::vector<double>> samples = LoadSamples(options, IrisFeatures());
  if (!samples) return Report(samples.error());
  Result<std::optional<ClientTls>> tls = LoadClientTls(options.tls);
  if (!tls) return Report(tls.error());
  options.server.tls = *std::move(tls);
  const Result<std::unique_ptr<Client>> client = Client::Create(options.server);
  if (!client) return Report(client.error());
  const Result<std::vector<std::int32_t>> species = (*client)->PredictIris(*samples);
  if (!species) return Report(species.error());
  return PrintResult(Replies(*species, IrisClasses(), options.json));
}

/// Options that exclude each other; where one of them is only from the environment, the flag wins.
struct Given {
  ValueSource model, host, port, input;
};

Result<void> Settle(const Given& given, PredictOptions& options) {
  if (given.input == ValueSource::kFlag && !options.numbers.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "numbers and --input exclude each other; give one of them");
  }
  if (!options.numbers.empty()) options.input.clear();
  const bool server_by_flag = given.host == ValueSource::kFlag || given.port == ValueSource::kFlag;
  if (given.model == ValueSource::kFlag && server_by_flag) {
    return Fail(ErrorCode::kInvalidArgument, "--model needs no server: leave out --host and --port, or --model");
  }
  if (server_by_flag) options.model_file.clear();
  return {};
}

}  // namespace

std::function<ExitCode()> DefinePredict(CLI::App& app) {
  const auto options = std::make_shared<PredictOptions>();
  app.add_option("sample", options->numbers, "sepal length, sepal width, petal length, petal width in cm; with "
                                             "--model its features, however many")
      ->type_name("SL SW PL PW");
  const CLI::Option* input =
      AddText(app, "--input", "FILE",
              "classify every line of a CSV file, or of standard input for '-' (at most 1 GiB); a column more than "
              "the features is taken for a label and ignored",
              options->input);
  const CLI::Option* model =
      AddText(app, "--model", "FILE", "use this model and no server", options->model_file);
  const ServerAddressOptions address = AddServerAddressOptions(app, options->server);
  AddClientTlsOptions(app, options->tls);
  AddFlag(app, "--json", "print a JSON object a line", options->json);
  app.footer(
      "A server answers with a number alone: the names printed beside it are those of the three Iris species. With "
      "--model they are the model's own.");
  return [&app, input, model, address, options] {
    RestoreDefaultSignals();
    const Given given = {SourceOf(app, model), SourceOf(app, address.host), SourceOf(app, address.port),
                         SourceOf(app, input)};
    const Result<void> settled = Settle(given, *options);
    if (!settled) return Report(settled.error());
    return options->model_file.empty() ? PredictWithServer(*options) : PredictWithModel(*options);
  };
}

}  // namespace iris
