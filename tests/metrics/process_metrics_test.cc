// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/process_metrics.h"

#include <fcntl.h>

#include <cstdlib>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"
#include "tests/metrics/page.h"

namespace iris {
namespace {

struct Process {
  void Write(Exposition& exposition) const { WriteProcessMetrics(exposition); }
};

double Value(const std::string& name) {
  const std::string page = PageOf(Process());
  const std::size_t at = page.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return std::strtod(page.c_str() + at + name.size() + 2, nullptr);
}

TEST_CASE("the process knows itself") {
  CHECK(Value("process_resident_memory_bytes") > 100'000);
  CHECK(Value("process_virtual_memory_bytes") >= Value("process_resident_memory_bytes"));
  CHECK(Value("process_threads") >= 1);
  CHECK(Value("process_max_fds") >= 3);
  CHECK(Value("process_start_time_seconds") > 1.6e9);
  CHECK(Value("process_cpu_seconds_total") >= 0);
}

TEST_CASE("one more open file is one more descriptor") {
  const double before = Value("process_open_fds");
  const Descriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(Value("process_open_fds") == before + 1);
}

}  // namespace
}  // namespace iris
