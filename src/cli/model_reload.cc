// SPDX-License-Identifier: Apache-2.0

#include "src/cli/model_reload.h"

#include <sys/stat.h>

#include <string>
#include <utility>

#include "src/system/log.h"

namespace iris {
namespace {

std::string Shape(const Model& model) {
  return std::to_string(model.feature_count()) + " features, " + std::to_string(model.class_names.size()) + " classes";
}

}  // namespace

ModelReload::ModelReload(ServedModelOptions options, std::shared_ptr<const Model> current,
                         std::function<void(ServedModel)> use, ReloadOutcome outcome,
                         const Confinement* confinement)
    : options_(std::move(options)),
      current_(std::move(current)),
      use_(std::move(use)),
      outcome_(std::move(outcome)),
      confinement_(confinement) {}

Result<ServedModel> ModelReload::Read() const {
  struct stat status {};
  if (::stat(options_.file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return Fail(ErrorCode::kBadData, options_.file + " is no regular file, and only such a one is read again");
  }
  Result<ServedModel> read = LoadServedModel(options_);
  if (!read && confinement_ != nullptr) return std::unexpected(confinement_->Explain(read.error(), {options_.file}));
  return read;
}

bool ModelReload::Reload() {
  Result<ServedModel> read = Read();
  if (outcome_) outcome_(read.has_value());
  if (!read) {
    Log(LogLevel::kError, "cannot reload the model: " + read.error().message + "; the old one stays");
    return false;
  }
  if (*read->model == *current_) {
    Log(LogLevel::kInfo, "unchanged: the model " + options_.file);
    return true;
  }
  const std::string now = Shape(*read->model);
  const std::string before = Shape(*current_);
  current_ = read->model;
  use_(*std::move(read));
  Log(now == before ? LogLevel::kInfo : LogLevel::kWarning,
      "reloaded the model " + options_.file + ": " + now + (now == before ? "" : " (it had " + before + ")"));
  return true;
}

}  // namespace iris
