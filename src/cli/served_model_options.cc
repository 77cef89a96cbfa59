// SPDX-License-Identifier: Apache-2.0

#include "src/cli/served_model_options.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "src/base/text.h"
#include "src/cli/options.h"
#include "src/dataset/iris.h"
#include "src/model_file/model_file.h"
#include "src/svm/trainer.h"

namespace iris {
namespace {

constexpr const char* kEmbeddedName = "iris";
/// Models have no versions yet, and an empty one would stand for any.
constexpr const char* kVersion = "1";
constexpr std::size_t kMostNameBytes = 255;  // as of a file

bool IsModelName(std::string_view name) {
  return !name.empty() && name.size() <= kMostNameBytes && IsUtf8(name) && !HasControlCharacter(name);
}

/// "/srv/models/iris-v2.json": "iris-v2". A name that is all extension (".json") stays whole.
std::string NameOfFile(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  const std::size_t dot = path.rfind('.');
  return std::string(dot == 0 ? path : path.substr(0, dot));
}

}  // namespace

void AddServedModelOptions(CommandDefinition& app, ServedModelOptions& target) {
  AddText(app, "--model", "FILE", "serve this model instead of the embedded Iris model", target.file);
  AddOption(app, "--model-name", "NAME", "what requests of the Open Inference Protocol call the model; otherwise iris, or its file's name without extension",
            [&target](const std::string& text) -> Result<void> {
              if (!IsModelName(text)) {
                return Fail(ErrorCode::kInvalidArgument, "found " + Quote(text) + ", expected 1 to " +
                                                             std::to_string(kMostNameBytes) +
                                                             " bytes of UTF-8 without control characters");
              }
              target.name = text;
              return {};
            });
}

Result<ServedModel> LoadServedModel(const ServedModelOptions& options) {
  Result<Model> model = options.file.empty() ? Train(LoadIris(), TrainOptions{}) : LoadModel(options.file);
  if (!model) return std::unexpected(std::move(model.error()));
  std::string name = options.name;
  if (name.empty()) name = options.file.empty() ? kEmbeddedName : NameOfFile(options.file);
  if (!IsModelName(name)) {
    return Fail(ErrorCode::kConfiguration, "the file's name " + Quote(name) +
                                               " cannot be the name of a model (UTF-8 without control characters); "
                                               "give one with --model-name");
  }
  return ServedModel{.name = std::move(name),
                     .version = kVersion,
                     .model = std::make_shared<const Model>(*std::move(model))};
}

}  // namespace iris
