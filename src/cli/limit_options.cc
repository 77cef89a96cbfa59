// SPDX-License-Identifier: Apache-2.0

#include "src/cli/limit_options.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/number.h"
#include "src/cli/options.h"

namespace iris {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Unit, 3> kUnits = {Unit{"GiB", 1u << 30}, Unit{"MiB", 1u << 20}, Unit{"KiB", 1u << 10}};

/// A message is at most this long: protobuf's limit is 2 GiB, and one in each direction has to fit into memory.
constexpr std::size_t kMostMessageBytes = std::size_t{1} << 30;
/// The simplest call of the least talkative client has 300 bytes of metadata as HTTP/2 counts them.
constexpr std::size_t kLeastMetadataBytes = 1024;
constexpr std::size_t kMostMetadataBytes = std::size_t{1} << 20;

std::string SizeText(std::size_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes >= unit.bytes && bytes % unit.bytes == 0) {
      return std::to_string(bytes / unit.bytes) + std::string(unit.name);
    }
  }
  return std::to_string(bytes);
}

/// `--name SIZE`: bytes, or with KiB, MiB or GiB behind the number.
Option* AddSize(CommandDefinition& app, const std::string& name, const std::string& description, std::size_t least,
                     std::size_t most, std::size_t& target) {
  const auto take = [least, most, &target](const std::string& text) -> Result<void> {
    std::string_view digits = text;
    std::size_t factor = 1;
    for (const Unit& unit : kUnits) {
      if (!digits.ends_with(unit.name)) continue;
      digits.remove_suffix(unit.name.size());
      factor = unit.bytes;
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const std::size_t bytes = number * factor;  // below 2^62
    if (error != std::errc() || end != digits.data() + digits.size() || bytes < least || bytes > most) {
      return Fail(ErrorCode::kInvalidArgument, "found '" + text + "', expected bytes from " + SizeText(least) + " to " +
                                                   SizeText(most) + ", such as 65536, 64KiB or 1MiB");
    }
    target = bytes;
    return {};
  };
  return AddOption(app, name, "SIZE", description, take)->set_default_text(SizeText(target));
}

std::string SecondsText(milliseconds duration) { return FormatDouble(static_cast<double>(duration.count()) / 1000); }

}  // namespace

void AddLimitOptions(CommandDefinition& app, ServerLimits& target) {
  AddSize(app, "--max-message-size", "the longest request that is read, and reply that is given to a batch", 1,
          kMostMessageBytes, target.max_message_bytes);
  AddSize(app, "--max-metadata-size", "the most metadata that a call may carry", kLeastMetadataBytes,
          kMostMetadataBytes, target.max_metadata_bytes);
  AddSeconds(app, "--keepalive-time", "ping a connection whose calls have been silent for this long", milliseconds(100),
             target.keepalive_time)
      ->set_default_text(SecondsText(target.keepalive_time));
  AddSeconds(app, "--keepalive-timeout", "close a connection that does not answer such a ping for this long",
             milliseconds(100), target.keepalive_timeout)
      ->set_default_text(SecondsText(target.keepalive_timeout));
  AddSeconds(app, "--min-ping-interval", "close the connection of a client that keeps pinging more often than this",
             milliseconds(0), target.min_ping_interval)
      ->set_default_text(SecondsText(target.min_ping_interval));
  AddSeconds(app, "--max-connection-idle", "close a connection that has had no call for this long", milliseconds(100),
             target.max_connection_idle)
      ->set_default_text("never");
  AddSeconds(app, "--max-connection-age", "ask clients to leave a connection this old", milliseconds(100),
             target.max_connection_age)
      ->set_default_text("never");
  AddSeconds(app, "--max-connection-age-grace", "how long the calls of such a connection may take to finish then",
             milliseconds(0), target.max_connection_age_grace)
      ->set_default_text("for ever");
}

}  // namespace iris
