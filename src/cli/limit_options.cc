// SPDX-License-Identifier: Apache-2.0

#include "src/cli/limit_options.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
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
constexpr std::size_t kMostConnections = 1'000'000;
constexpr std::size_t kMostStreams = 1'000'000;
/// What the windows of a connection without any call hold.
constexpr std::size_t kLeastConnectionBytes = std::size_t{64} << 10;
constexpr std::size_t kMostConnectionBytes = std::size_t{1} << 30;
/// Below, a handful of connections is the pressure that they are to be relieved of.
constexpr std::size_t kLeastMemoryBytes = std::size_t{1} << 20;
constexpr std::size_t kMostMemoryBytes = std::size_t{1} << 40;

std::string SizeText(std::size_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes >= unit.bytes && bytes % unit.bytes == 0) {
      return std::to_string(bytes / unit.bytes) + std::string(unit.name);
    }
  }
  return std::to_string(bytes);
}

/// `--name SIZE`: bytes, or with KiB, MiB or GiB behind the number. Target is std::size_t, optional or not.
template <typename Target>
Option* DeclareSize(CommandDefinition& app, const std::string& name, const std::string& description, std::size_t least,
                         std::size_t most, Target& target) {
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
  return AddOption(app, name, "SIZE", description, take);
}

void AddSize(CommandDefinition& app, const std::string& name, const std::string& description, std::size_t least, std::size_t most,
             std::size_t& target) {
  DeclareSize(app, name, description, least, most, target)->set_default_text(SizeText(target));
}
void AddSize(CommandDefinition& app, const std::string& name, const std::string& description, std::size_t least, std::size_t most,
             std::optional<std::size_t>& target) {
  DeclareSize(app, name, description, least, most, target)->set_default_text("a quarter of the memory");
}

/// `--name N`. AddCount has a target of its own kind.
void AddNumber(CommandDefinition& app, const std::string& name, const std::string& description, std::size_t most,
               std::size_t& target) {
  static_assert(sizeof(std::size_t) == sizeof(std::uint64_t));
  AddOption(app, name, "N", description, [most, &target](const std::string& text) -> Result<void> {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > most) {
      return Fail(ErrorCode::kInvalidArgument,
                  "found '" + text + "', expected a whole number from 1 to " + std::to_string(most));
    }
    target = number;
    return {};
  })->set_default_text(std::to_string(target));
}

std::string SecondsText(milliseconds duration) { return FormatDouble(static_cast<double>(duration.count()) / 1000); }

}  // namespace

void AddLimitOptions(CommandDefinition& app, ServerLimits& target) {
  AddNumber(app, "--max-connections",
            "the most connections at once, or as many as there are descriptors for; the next one is closed at once",
            kMostConnections, target.max_connections);
  AddNumber(app, "--max-concurrent-streams", "the most calls at once on a connection; a client keeps the next one back",
            kMostStreams, target.max_concurrent_streams);
  AddSize(app, "--max-connection-memory",
          "the most that a connection may make the server hold; beyond, its largest call is ended",
          kLeastConnectionBytes, kMostConnectionBytes, target.max_connection_bytes);
  AddSize(app, "--max-memory", "the most that all connections may, of requests and of answers each; beyond, calls are ended",
          kLeastMemoryBytes, kMostMemoryBytes, target.max_memory_bytes);
  AddSeconds(app, "--handshake-timeout", "close a connection that has not agreed on TLS and HTTP/2 within this",
             milliseconds(100), target.handshake_timeout)
      ->set_default_text(SecondsText(target.handshake_timeout));
  AddSeconds(app, "--stall-timeout", "end a call whose client takes next to nothing of the answer for this long",
             milliseconds(100), target.stall_timeout)
      ->set_default_text(SecondsText(target.stall_timeout));
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
      ->set_default_text(SecondsText(*target.max_connection_idle));
  AddSeconds(app, "--max-connection-age", "ask clients to leave a connection this old", milliseconds(100),
             target.max_connection_age)
      ->set_default_text("never");
  AddSeconds(app, "--max-connection-age-grace", "how long the calls of such a connection may take to finish then",
             milliseconds(0), target.max_connection_age_grace)
      ->set_default_text("for ever");
}

}  // namespace iris
