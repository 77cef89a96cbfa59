// SPDX-License-Identifier: Apache-2.0

#include "src/system/memory.h"

#include <unistd.h>

#include <cstddef>

#include "catch_amalgamated.hpp"
#include "tests/system/cgroup.h"

namespace iris {
namespace {

TEST_CASE_METHOD(CgroupTest, "version 2: the least of memory.max and memory.high, of all groups above") {
  Write("a/b/memory.max", "max\n");
  CHECK_FALSE(MemoryLimit("0::/a/b\n", mount));
  Write("a/b/memory.max", "67108864\n");
  CHECK(MemoryLimit("0::/a/b\n", mount) == 67108864.0);
  Write("a/b/memory.high", "50000000\n");
  CHECK(MemoryLimit("0::/a/b\n", mount) == 50000000.0);
  Write("a/memory.max", "40000000\n");
  CHECK(MemoryLimit("0::/a/b\n", mount) == 40000000.0);
}

TEST_CASE_METHOD(CgroupTest, "version 1, and a container that sees its own group as the root") {
  Write("memory/pod/memory.limit_in_bytes", "134217728\n");
  CHECK(MemoryLimit("12:memory:/pod\n4:cpu:/pod\n0::/\n", mount) == 134217728.0);
  Write("memory/memory.limit_in_bytes", "100000000\n");
  CHECK(MemoryLimit("12:memory:/elsewhere\n", mount) == 100000000.0);
}

TEST_CASE_METHOD(CgroupTest, "a memory limit that makes no sense limits nothing") {
  for (const char* text : {"", "\n", "0\n", "-1\n", "x\n", "99999999999999999999999\n"}) {
    CAPTURE(text);
    Write("memory.max", text);
    CHECK_FALSE(MemoryLimit("0::/\n", mount));
  }
}

TEST_CASE("memory that can be used") {
  const auto pages = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES));
  CHECK(UsableMemory() > std::size_t{16} << 20);
  CHECK(UsableMemory() <= pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

}  // namespace
}  // namespace iris
