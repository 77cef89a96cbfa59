// SPDX-License-Identifier: Apache-2.0
//
// What a bad disk, an editor or an enemy does to model files.

#include <cmath>
#include <cstddef>
#include <random>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/model_file/json_model.h"
#include "src/model_file/liblinear_model.h"
#include "src/model_file/model_file.h"
#include "tests/model_file/models.h"

namespace iris {
namespace {

/// What every loaded model promises to those who predict with it.
bool HoldsTogether(const Model& model) {
  const std::size_t rows = model.class_names.size() == 2 ? 1 : model.class_names.size();
  if (model.class_names.size() < 2 || model.feature_names.empty() || model.rows() != rows) return false;
  if (model.weights.size() != rows * model.feature_count()) return false;
  for (const double weight : model.weights) {
    if (!std::isfinite(weight)) return false;
  }
  for (const double bias : model.bias) {
    if (!std::isfinite(bias)) return false;
  }
  return true;
}

TEST_CASE("JSON: flipping any byte and cutting at any length never loads") {
  for (const Model& model : AllModels()) {
    const std::string good = EncodeModel(model);
    REQUIRE(DecodeAnyModel(good, "m"));
    for (std::size_t length = 0; length < good.size(); ++length) {
      if (DecodeAnyModel(good.substr(0, length), "m")) FAIL("loaded when cut to " << length);
    }
    std::string text = good;
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const int flip : {1 << at % 8, 255}) {
        text[at] = static_cast<char>(good[at] ^ flip);
        if (DecodeAnyModel(text, "m")) FAIL("loaded with byte " << at << " flipped by " << flip);
      }
      text[at] = good[at];
    }
  }
}

TEST_CASE("LIBLINEAR: no cut loads, and what loads after a flip is a model") {
  std::size_t loaded = 0;
  for (const Model& model : AllModels()) {
    const std::string good = EncodeLiblinear(model);
    REQUIRE(DecodeAnyModel(good, "m"));
    for (std::size_t length = 0; length < good.size(); ++length) {
      if (DecodeAnyModel(good.substr(0, length), "m")) FAIL("loaded when cut to " << length);
    }
    std::string text = good;
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char byte : std::string("\0 \n-.09:AZaenw\x7F\xFF", 16)) {
        text[at] = byte;
        const Result<Model> back = DecodeAnyModel(text, "m");
        if (!back) continue;
        ++loaded;
        if (!HoldsTogether(*back)) FAIL("loaded what is no model: " << text);
      }
      text[at] = good[at];
    }
  }
  CHECK(loaded > 0);  // there is no checksum
}

TEST_CASE("random mixtures of model files crash nothing") {
  std::string parts;
  for (const Model& model : AllModels()) parts += EncodeModel(model) + EncodeLiblinear(model);
  parts += "nr_class 2147483647 nr_feature 1000000000000 nan inf 1e999 -0 \r\n \xFF\xC0\x80 [[[[[ \"\\ud800\" ";
  std::mt19937_64 random(1936);
  for (int round = 0; round < 5000; ++round) {
    std::string text = round % 2 == 0 ? EncodeLiblinear(IrisModel()) : EncodeModel(TwoClassModel());
    for (std::size_t edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t length = random() % 20;
      text.replace(random() % text.size(), random() % 20, parts, random() % (parts.size() - length), length);
      if (text.empty()) text = "x";
    }
    if (const Result<Model> back = DecodeAnyModel(text, "m"); back && !HoldsTogether(*back)) FAIL(text);
    if (const Result<Model> back = DecodeLiblinear(text, "m"); back && !HoldsTogether(*back)) FAIL(text);
  }
}

}  // namespace
}  // namespace iris
