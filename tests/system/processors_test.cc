// SPDX-License-Identifier: Apache-2.0

#include "src/system/processors.h"

#include <cstddef>
#include <optional>

#include "catch_amalgamated.hpp"
#include "tests/system/cgroup.h"

namespace iris {
namespace {

TEST_CASE_METHOD(CgroupTest, "version 2: quota by period") {
  Write("a/b/cpu.max", "150000 100000\n");
  CHECK(ProcessorQuota("0::/a/b\n", mount) == 1.5);
  Write("a/b/cpu.max", "max 100000\n");
  CHECK_FALSE(ProcessorQuota("0::/a/b\n", mount));
}

TEST_CASE_METHOD(CgroupTest, "version 2: the tightest of all groups above counts") {
  Write("a/cpu.max", "50000 100000\n");
  Write("a/b/cpu.max", "400000 100000\n");
  CHECK(ProcessorQuota("0::/a/b\n", mount) == 0.5);
  Write("a/cpu.max", "max 100000\n");
  CHECK(ProcessorQuota("0::/a/b\n", mount) == 4.0);
}

TEST_CASE_METHOD(CgroupTest, "a container that sees its own group as the root") {
  Write("cpu.max", "200000 100000\n");
  CHECK(ProcessorQuota("0::/\n", mount) == 2.0);
  CHECK(ProcessorQuota("0::/../outside\n", mount) == 2.0);
}

TEST_CASE_METHOD(CgroupTest, "version 1, both ways that it is mounted, among other controllers") {
  Write("cpu/pod/cpu.cfs_quota_us", "250000\n");
  Write("cpu/pod/cpu.cfs_period_us", "100000\n");
  CHECK(ProcessorQuota("12:memory:/pod\n4:cpu:/pod\n0::/\n", mount) == 2.5);
  Write("cpu/pod/cpu.cfs_quota_us", "-1\n");
  CHECK_FALSE(ProcessorQuota("4:cpu:/pod\n", mount));
  Write("cpu,cpuacct/cpu.cfs_quota_us", "100000\n");
  Write("cpu,cpuacct/cpu.cfs_period_us", "50000\n");
  CHECK(ProcessorQuota("4:cpuacct,cpu:/docker/abc\n", mount) == 2.0);
  CHECK_FALSE(ProcessorQuota("4:cpuset:/docker/abc\n", mount));
}

TEST_CASE_METHOD(CgroupTest, "a quota that makes no sense limits nothing") {
  for (const char* text : {"", "\n", "0 100000\n", "100000\n", "100000 0\n", "-5 100000\n", "x y\n"}) {
    CAPTURE(text);
    Write("cpu.max", text);
    CHECK_FALSE(ProcessorQuota("0::/\n", mount));
  }
  Write("cpu.max", "100000 100000\n");
  for (const char* groups : {"", "\n", "0", "0:", "::", ":::::\n"}) {
    CAPTURE(groups);
    const std::optional<double> quota = ProcessorQuota(groups, mount);
    CHECK((!quota || *quota == 1.0));
  }
}

TEST_CASE("this machine has a processor for us, and no more than it has") {
  CHECK(UsableProcessors() >= 1);
  CHECK(UsableProcessors() <= sysconf(_SC_NPROCESSORS_CONF));
}

}  // namespace
}  // namespace iris
