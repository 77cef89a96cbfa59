// SPDX-License-Identifier: Apache-2.0

#include <string_view>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/admin/admin_endpoint.h"

namespace iris {
namespace {

TEST_CASE("OpenMetrics only where it is named and nothing is liked better") {
  constexpr ExpositionFormat kPlain = ExpositionFormat::kPrometheus;
  constexpr ExpositionFormat kOpen = ExpositionFormat::kOpenMetrics;
  const std::vector<std::pair<std::string_view, ExpositionFormat>> headers = {
      {"", kPlain},
      {"*/*", kPlain},
      {"text/plain", kPlain},
      {"application/openmetrics-text", kOpen},
      {"Application/OpenMetrics-Text; version=1.0.0", kOpen},
      {"application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", kOpen},
      {"text/plain;q=0.9 , application/openmetrics-text ; q=0.5", kPlain},
      {"application/openmetrics-text;q=0", kPlain},
      {"application/openmetrics-text;q=many", kPlain},
      {"application/openmetrics-textual", kPlain},
      {",,;;=,", kPlain},
      {"  \t ,", kPlain},
  };
  for (const auto& [header, format] : headers) {
    CAPTURE(header);
    CHECK(PreferredFormat(header) == format);
  }
}

}  // namespace
}  // namespace iris
