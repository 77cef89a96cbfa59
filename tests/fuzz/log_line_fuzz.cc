// SPDX-License-Identifier: Apache-2.0
//
// Log lines: whatever the message, a line is one line, no longer than allowed, and as JSON valid, with the message in it
// unchanged where it was UTF-8 and fitted.

#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include "src/base/text.h"
#include "src/system/log_line.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  if (size < 3) return 0;
  const std::size_t most = 256 + std::size_t{16} * data[0];
  const auto level = static_cast<LogLevel>(data[1] % 4);
  const std::size_t split = std::min<std::size_t>(data[2], size - 3);
  const std::string_view field = fuzz::Text(data + 3, split);
  const std::string_view message = fuzz::Text(data + 3 + split, size - 3 - split);
  const LogField fields[] = {{"peer", field}, {"bytes", std::uint64_t{size}},
                             {"seconds", 0.5 * data[0]}, {"odd", true}};
  const auto time = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));

  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = FormatLogLine(format, level, time, message, fields, most);
    fuzz::Require(line.size() <= most, "no longer than allowed");
    fuzz::Require(IsUtf8(line) && !HasControlCharacter(line), "text without control characters", line);
    fuzz::Require(line.find("\u2028") == line.npos && line.find("\u2029") == line.npos, "one line for everybody");
    if (format == LogFormat::kText) continue;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    fuzz::Require(json.is_object(), "a JSON object", line);
    const bool cut = json.contains("truncated");
    fuzz::Require(json.at("level") == NameOf(level), "its level");
    if (!cut && IsUtf8(message)) fuzz::Require(json.at("message") == message, "the message as it was");
    if (!cut && IsUtf8(field)) fuzz::Require(json.at("peer") == field, "the field as it was");
  }
  const std::string printable = Printable(message);
  fuzz::Require(Printable(printable) == printable, "what is printable stays");
  const std::string quoted = Quote(message);
  fuzz::Require(IsUtf8(quoted) && !HasControlCharacter(quoted) && quoted.size() < 4 * 48, "fit for a message", quoted);
  const std::string shown = WithoutCommands(message);
  fuzz::Require(!IsUtf8(shown) || !HasControlCharacter(shown), "fit for a terminal", shown);
  for (const char c : shown) fuzz::Require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a line", shown);
  return 0;
}
