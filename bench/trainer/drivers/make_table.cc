// SPDX-License-Identifier: Apache-2.0
//
// Makes a table, the same bytes for the same arguments: make_table kind=dense|scaled|text samples= columns= seed=
// table=FILE [csv=FILE digits=N] [libsvm=FILE]
//
// dense   correlated normal features (every fourth shares a factor); the label is the side of a hidden hyperplane that
//         a sample lies on once noise is added, so that the classes overlap, and 2 % of the labels are then flipped
// scaled  the same, feature j multiplied with 10^(12 j / (columns − 1) − 6)
// text    as from documents: 20 to 80 different words, drawn by Zipf's law (the k-th most frequent word in proportion
//         to 1 / (k + 10)), values tf-idf-like (1 + log count) log(samples / documents with it) of length 1; the label
//         follows one word in ten, with noise, and 5 % are flipped

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "arguments.h"
#include "random.h"
#include "table_file.h"

namespace iris::bench {
namespace {

struct Table {
  TableHeader header;
  std::vector<std::int32_t> labels;
  std::vector<std::uint64_t> starts;  // of sparse ones, as columns
  std::vector<std::uint32_t> indices;
  std::vector<double> values;
};

bool Flips(Random& random, double share) { return random.Uniform() < share; }

Table MakeDense(std::size_t samples, std::size_t columns, bool scaled, Random random) {
  Table table;
  std::vector<double> hidden(columns);
  for (double& w : hidden) w = random.Normal();
  std::vector<double> scale(columns, 1.0);
  for (std::size_t j = 0; scaled && j < columns; ++j) {
    scale[j] = std::pow(10.0, 12.0 * static_cast<double>(j) / static_cast<double>(columns - 1) - 6.0);
  }
  const double noise = 0.5 * std::sqrt(static_cast<double>(columns));
  table.values.reserve(samples * columns);
  for (std::size_t i = 0; i < samples; ++i) {
    const double shared = random.Normal();
    double side = noise * random.Normal() + 0.3;
    for (std::size_t j = 0; j < columns; ++j) {
      const double x = random.Normal() + (j % 4 == 0 ? shared : 0.0);
      side += hidden[j] * x;
      table.values.push_back(x * scale[j]);
    }
    table.labels.push_back((side > 0.0) != Flips(random, 0.02) ? 1 : 0);
  }
  return table;
}

Table MakeText(std::size_t samples, std::size_t columns, Random random) {
  Table table;
  table.header.sparse = 1;
  std::vector<double> cumulated(columns);
  double all = 0.0;
  for (std::size_t k = 0; k < columns; ++k) cumulated[k] = all += 1.0 / static_cast<double>(k + 10);
  // Frequent words are not the first columns.
  std::vector<std::uint32_t> column_of(columns);
  for (std::size_t k = 0; k < columns; ++k) column_of[k] = static_cast<std::uint32_t>(k);
  for (std::size_t k = columns; k > 1; --k) std::swap(column_of[k - 1], column_of[random.Bits() % k]);
  std::vector<double> hidden(columns, 0.0);
  for (double& w : hidden) w = random.Uniform() < 0.1 ? random.Normal() : 0.0;

  std::vector<double> documents(columns, 0.0);
  table.starts.push_back(0);
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t words = 20 + random.Bits() % 61;
    std::map<std::uint32_t, int> counts;
    while (counts.size() < words) {
      const auto found = std::lower_bound(cumulated.begin(), cumulated.end(), random.Uniform() * all);
      const auto rank = static_cast<std::size_t>(found - cumulated.begin());
      ++counts[column_of[std::min(rank, columns - 1)]];
    }
    for (const auto& [column, count] : counts) {
      table.indices.push_back(column);
      table.values.push_back(1.0 + std::log(count));
      documents[column] += 1.0;
    }
    table.starts.push_back(table.indices.size());
  }
  for (std::size_t i = 0; i < samples; ++i) {
    double squares = 0.0;
    for (std::size_t k = table.starts[i]; k < table.starts[i + 1]; ++k) {
      table.values[k] *= std::log(static_cast<double>(samples) / documents[table.indices[k]]) + 1e-3;
      squares += table.values[k] * table.values[k];
    }
    double side = 0.1 * random.Normal();
    for (std::size_t k = table.starts[i]; k < table.starts[i + 1]; ++k) {
      table.values[k] /= std::sqrt(squares);
      side += hidden[table.indices[k]] * table.values[k];
    }
    table.labels.push_back((side > 0.0) != Flips(random, 0.05) ? 1 : 0);
  }
  return table;
}

void WriteTable(const Table& table, const std::string& path) {
  TableFile file = TableFile::Create(path);
  file.Write(&table.header, 1);
  file.Write(table.labels.data(), table.labels.size());
  file.WritePadding<std::int32_t>(table.labels.size());
  file.Write(table.starts.data(), table.starts.size());
  file.Write(table.indices.data(), table.indices.size());
  file.WritePadding<std::uint32_t>(table.indices.size());
  file.Write(table.values.data(), table.values.size());
  file.Close();
}

void WriteCsv(const Table& table, const std::string& path, int digits) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) std::exit(74);
  const std::size_t columns = table.header.columns;
  for (std::size_t j = 0; j < columns; ++j) std::fprintf(file, "feature_%zu,", j + 1);
  std::fputs("label\n", file);
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) std::fprintf(file, "%.*g,", digits, table.values[i * columns + j]);
    std::fputs(table.labels[i] == 1 ? "yes\n" : "no\n", file);
  }
  if (std::fclose(file) != 0) std::exit(74);
}

void WriteLibsvm(const Table& table, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) std::exit(74);
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    std::fputs(table.labels[i] == 1 ? "+1" : "-1", file);
    for (std::size_t k = table.starts[i]; k < table.starts[i + 1]; ++k) {
      std::fprintf(file, " %u:%.6g", table.indices[k] + 1, table.values[k]);
    }
    std::fputc('\n', file);
  }
  if (std::fclose(file) != 0) std::exit(74);
}

int Run(const Arguments& arguments) {
  const auto samples = static_cast<std::size_t>(arguments.Number("samples", 0));
  const auto columns = static_cast<std::size_t>(arguments.Number("columns", 0));
  const Random random(static_cast<std::uint64_t>(arguments.Number("seed", 1)));
  const std::string kind = arguments.Text("kind");
  Table table = kind == "text" ? MakeText(samples, columns, random)
                               : MakeDense(samples, columns, kind == "scaled", random);
  table.header.samples = samples;
  table.header.columns = columns;
  table.header.stored = table.values.size();
  if (const std::string path = arguments.Text("table"); !path.empty()) WriteTable(table, path);
  if (const std::string path = arguments.Text("csv"); !path.empty()) {
    WriteCsv(table, path, static_cast<int>(arguments.Number("digits", 17)));
  }
  if (const std::string path = arguments.Text("libsvm"); !path.empty()) WriteLibsvm(table, path);
  return 0;
}

}  // namespace
}  // namespace iris::bench

int main(int argc, char** argv) { return iris::bench::Run({argc, argv}); }
