// SPDX-License-Identifier: Apache-2.0

#include "src/svm/thread_team.h"

#include <atomic>
#include <numeric>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/svm/sample_blocks.h"
#include "tests/svm/tables.h"

namespace iris {
namespace {

TEST_CASE("each iteration runs once, and what it wrote is there afterwards") {
  for (const unsigned threads : {0u, 1u, 2u, 3u, 7u, 1000u}) {
    ThreadTeam team(threads);
    for (const std::size_t count : {0u, 1u, 2u, 5u, 1000u}) {
      for (int round = 0; round < 20; ++round) {
        std::vector<int> runs(count, 0);
        team.ForEach(count, [&](std::size_t i) { ++runs[i]; });
        CHECK(runs == std::vector<int>(count, 1));
      }
    }
  }
}

TEST_CASE("a team of several really shares a loop") {
  ThreadTeam team(3);
  CHECK(team.size() == 3);
  // Nobody leaves before all three have come: with fewer threads this would never end.
  std::atomic<int> here = 0;
  team.ForEach(3, [&](std::size_t) {
    ++here;
    while (here < 3) std::this_thread::yield();
  });
  CHECK(here == 3);
}

TEST_CASE("blocks cover every sample once, in order, whatever the shape") {
  for (const std::size_t samples : {0u, 1u, 2u, 1000u, 100'000u}) {
    for (const std::size_t features : {1u, 4u, 50u}) {
      const Matrix table = DenseMatrix{features, std::vector<double>(samples * features)};
      const SampleBlocks blocks(table);
      CHECK(blocks.count() >= 1);
      CHECK(blocks.count() <= 64);
      std::size_t next = 0;
      for (std::size_t b = 0; b < blocks.count(); ++b) {
        CHECK(blocks.block(b).begin == next);
        next = blocks.block(b).end;
      }
      CHECK(next == samples);
    }
  }
}

TEST_CASE("sums do not depend on the number of threads") {
  std::mt19937_64 random(2);
  DenseMatrix dense{5, std::vector<double>(5 * 100'003)};
  for (double& x : dense.values) x = Uniform(random);
  const std::vector<double>& values = dense.values;
  const Matrix table = dense;
  const SampleBlocks blocks(table);
  REQUIRE(blocks.count() > 7);
  const auto sums = [&](unsigned threads) {
    ThreadTeam team(threads);
    std::vector<double> partials;
    std::vector<double> total(5, 0.0);
    blocks.Sum(team, 5, total.data(), partials, [&](SampleBlock block, double* sum) {
      for (std::size_t j = 5 * block.begin; j < 5 * block.end; ++j) sum[j % 5] += values[j];
    });
    return total;
  };
  const std::vector<double> alone = sums(1);
  for (const unsigned threads : {2u, 3u, 7u}) CHECK(sums(threads) == alone);
}

}  // namespace
}  // namespace iris
