// SPDX-License-Identifier: Apache-2.0

#include "src/cli/limit_options.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "catch_amalgamated.hpp"
#include "tests/cli/parse.h"

namespace iris {
namespace {

using namespace std::chrono_literals;

std::optional<Failure> ParseLimits(std::vector<std::string> words, ServerLimits& limits) {
  CommandDefinition app;
  AddLimitOptions(app, limits);
  return Parse(app, std::move(words));
}

TEST_CASE("the defaults", "[limit_options]") {
  ServerLimits limits;
  REQUIRE_FALSE(ParseLimits({}, limits));
  CHECK(limits.max_connections == 10'000);
  CHECK(limits.max_concurrent_streams == 256);
  CHECK(limits.max_connection_bytes == 67'108'864);
  CHECK_FALSE(limits.max_memory_bytes);
  CHECK(limits.handshake_timeout == 10s);
  CHECK(limits.stall_timeout == 60s);
  CHECK(limits.max_message_bytes == 4'194'304);
  CHECK(limits.max_metadata_bytes == 8192);
  CHECK(limits.keepalive_time == 2h);
  CHECK(limits.keepalive_timeout == 20s);
  CHECK(limits.min_ping_interval == 5min);
  CHECK(limits.max_connection_idle == 15min);
  CHECK_FALSE(limits.max_connection_age);
  CHECK_FALSE(limits.max_connection_age_grace);
}

TEST_CASE("every limit can be set", "[limit_options]") {
  ServerLimits limits;
  REQUIRE_FALSE(ParseLimits({"--max-connections", "7", "--max-concurrent-streams", "1", "--max-connection-memory", "1MiB",
                             "--max-memory", "2GiB", "--handshake-timeout", "0.5", "--stall-timeout", "3",
                             "--max-message-size", "8MiB", "--max-metadata-size", "16KiB", "--keepalive-time", "60",
                             "--keepalive-timeout", "1.5", "--min-ping-interval", "0", "--max-connection-idle", "900",
                             "--max-connection-age", "0.5", "--max-connection-age-grace", "0"},
                            limits));
  CHECK(limits.max_connections == 7);
  CHECK(limits.max_concurrent_streams == 1);
  CHECK(limits.max_connection_bytes == 1'048'576);
  CHECK(limits.max_memory_bytes == 2'147'483'648);
  CHECK(limits.handshake_timeout == 500ms);
  CHECK(limits.stall_timeout == 3s);
  CHECK(limits.max_message_bytes == 8'388'608);
  CHECK(limits.max_metadata_bytes == 16'384);
  CHECK(limits.keepalive_time == 60s);
  CHECK(limits.keepalive_timeout == 1500ms);
  CHECK(limits.min_ping_interval == 0s);
  CHECK(limits.max_connection_idle == 900s);
  CHECK(limits.max_connection_age == 500ms);
  CHECK(limits.max_connection_age_grace == 0s);
}

TEST_CASE("sizes are bytes, or have a unit", "[limit_options]") {
  const auto [text, bytes] = GENERATE(table<std::string, std::size_t>({{"1", 1},
                                                                       {"65536", 65'536},
                                                                       {"64KiB", 65'536},
                                                                       {"3MiB", 3'145'728},
                                                                       {"1GiB", 1'073'741'824},
                                                                       {"1024MiB", 1'073'741'824}}));
  ServerLimits limits;
  REQUIRE_FALSE(ParseLimits({"--max-message-size", text}, limits));
  CHECK(limits.max_message_bytes == bytes);
}

TEST_CASE("what is no size is refused, and nothing overflows", "[limit_options]") {
  const std::string text =
      GENERATE("", "0", "-1", "+1", "x", "1.5MiB", "MiB", "1 MiB", "1MB", "1M", "1mib", "1KiBKiB", "2GiB", "1073741825",
               "4294967296", "4294967295GiB", "18446744073709551617", "0x10");
  ServerLimits limits;
  const std::optional<Failure> failure = ParseLimits({"--max-message-size=" + text}, limits);
  REQUIRE(failure);
  CHECK(limits.max_message_bytes == 4'194'304);
  CHECK(failure->exit_code == 64);
  CHECK(failure->message == "--max-message-size: found '" + text +
                                "', expected bytes from 1 to 1GiB, such as 65536, 64KiB or 1MiB");
}

TEST_CASE("limits that would turn every call away are refused", "[limit_options]") {
  ServerLimits limits;
  for (const char* bad : {"--max-metadata-size=1023", "--max-metadata-size=2MiB", "--keepalive-time=0",
                          "--keepalive-timeout=0", "--max-connection-idle=0", "--max-connection-age=0",
                          "--min-ping-interval=-1", "--max-connection-age=86401", "--max-connection-age-grace=x"}) {
    CAPTURE(bad);
    CHECK(ParseLimits({bad}, limits));
  }
  const ScopedVariable variable("IRIS_MAX_CONNECTION_AGE", "soon");
  const std::optional<Failure> failure = ParseLimits({}, limits);
  REQUIRE(failure);
  CHECK(failure->exit_code == 78);
  CHECK(failure->message == "IRIS_MAX_CONNECTION_AGE: found 'soon', expected seconds from 0.1 to 86400");
}

}  // namespace
}  // namespace iris
