// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/iris.h"

#include <cstddef>
#include <cstdlib>
#include <utility>

#include "src/dataset/csv.h"

namespace iris {

namespace embedded {  // made by iris_embed_file from assets/iris.csv
extern const char iris_csv[];
extern const std::size_t iris_csv_size;
}  // namespace embedded

std::string_view EmbeddedIrisCsv() { return {embedded::iris_csv, embedded::iris_csv_size}; }

Dataset LoadIris() {
  Result<Dataset> dataset = ParseLabelledCsv(EmbeddedIrisCsv(), "the embedded Iris table");
  if (!dataset) std::abort();  // a bug: the bytes are fixed when the program is built, and a test reads them
  return *std::move(dataset);
}

}  // namespace iris
