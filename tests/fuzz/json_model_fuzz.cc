// SPDX-License-Identifier: Apache-2.0
//
// The JSON model file: one that decodes is whole, and encodes and decodes to the same bytes. The checksum would keep
// every changed byte from what comes after it, so each input is also read with the checksum that its bytes have.

#include <string>

#include "src/base/sha256.h"
#include "src/model_file/json_model.h"
#include "src/model_file/model_file.h"
#include "tests/fuzz/models.h"

namespace iris {
namespace {

void Check(std::string_view text) {
  const Result<Model> model = DecodeModel(text, "origin");
  const Result<Model> any = DecodeAnyModel(text, "origin");
  if (!model) {
    fuzz::RequireMessage(model.error().message);
    return;
  }
  fuzz::Require(any && *any == *model, "it is recognised for what it is");
  fuzz::RequireWhole(*model);
  const std::string encoded = EncodeModel(*model);
  const Result<Model> again = DecodeModel(encoded, "again");
  fuzz::Require(again.has_value(), "what was encoded decodes:", again ? "" : again.error().message);
  fuzz::Require(*again == *model, "to the same model");
  fuzz::Require(EncodeModel(*again) == encoded, "and to the same bytes");
}

}  // namespace
}  // namespace iris

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  const std::string_view text = fuzz::Text(data, size);
  Check(text);
  constexpr std::string_view kOpen = "\"checksum\": \"";
  const std::size_t open = text.rfind(kOpen);
  if (open == text.npos) return 0;
  const std::string content(text.substr(0, open));
  Check(content + std::string(kOpen) + Sha256Hex(content) + "\"\n}\n");
  return 0;
}
