// SPDX-License-Identifier: Apache-2.0
//
// Our reader of text tables, as `train --data FILE` calls it (SHA-256 of the text included): read_ours text=FILE
// The first pass over the file only reads bytes: it brings the file into the page cache and is the limit.

#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include "arguments.h"
#include "measurement.h"
#include "src/dataset/table.h"

namespace iris::bench {
namespace {

/// Seconds that reading all bytes of `path` takes, in pieces of a quarter of a MiB.
double ReadBytes(const std::string& path) {
  std::vector<char> buffer(1 << 18);
  const double start = WallSeconds();
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return -1;
  while (std::fread(buffer.data(), 1, buffer.size(), file) == buffer.size()) {}
  std::fclose(file);
  return WallSeconds() - start;
}

int Run(const Arguments& arguments) {
  const std::string path = arguments.Text("text");
  Measurement measured;
  measured.memory_before_table = MemoryBytes("VmRSS");
  ReadBytes(path);
  const double bytes_alone = ReadBytes(path);

  const double processor = ProcessorSeconds();
  const double start = WallSeconds();
  const Result<Dataset> dataset = LoadTable(path);
  measured.seconds.push_back(WallSeconds() - start);
  measured.processor_seconds.push_back(ProcessorSeconds() - processor);
  if (!dataset) {
    std::fprintf(stderr, "%s\n", dataset.error().message.c_str());
    return 1;
  }
  measured.memory_with_table = MemoryBytes("VmRSS");
  measured.memory_peak = MemoryBytes("VmHWM");
  const auto stored = std::visit([](const auto& matrix) { return matrix.values.size(); }, dataset->features);
  measured.Print(",\"samples\":" + std::to_string(dataset->samples()) + ",\"stored\":" + std::to_string(stored) +
                 ",\"bytes_alone_seconds\":" + JsonArray({bytes_alone}));
  return 0;
}

}  // namespace
}  // namespace iris::bench

int main(int argc, char** argv) { return iris::bench::Run({argc, argv}); }
