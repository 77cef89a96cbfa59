// SPDX-License-Identifier: Apache-2.0
//
// LIBLINEAR's model text: one that decodes is whole; written in either format it reads back with the same classes,
// weights and biases, and to the same bytes.

#include <string>

#include "src/model_file/json_model.h"
#include "src/model_file/liblinear_model.h"
#include "src/model_file/model_file.h"
#include "tests/fuzz/models.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  const std::string_view text = fuzz::Text(data, size);
  const Result<Model> model = DecodeLiblinear(text, "origin");
  if (!model) {
    fuzz::RequireMessage(model.error().message);
    return 0;
  }
  fuzz::RequireWhole(*model);
  const Result<Model> any = DecodeAnyModel(text, "origin");
  fuzz::Require(any && *any == *model, "it is recognised for what it is");

  const std::string json = EncodeModel(*model);
  const Result<Model> as_json = DecodeModel(json, "json");
  fuzz::Require(as_json && *as_json == *model, "as JSON it is the same", as_json ? "" : as_json.error().message);

  const std::string encoded = EncodeLiblinear(*model);
  const Result<Model> again = DecodeLiblinear(encoded, "again");
  fuzz::Require(again.has_value(), "what was encoded decodes:", again ? "" : again.error().message);
  fuzz::Require(again->class_names == model->class_names && again->weights == model->weights &&
                    again->bias == model->bias,
                "to the same classifier");
  fuzz::Require(EncodeLiblinear(*again) == encoded, "and to the same bytes");
  return 0;
}
