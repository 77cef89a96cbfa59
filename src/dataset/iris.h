// SPDX-License-Identifier: Apache-2.0
//
// Fisher's Iris, compiled in from assets/iris.csv (origin, licence and hash: assets/SOURCES.md).

#pragma once

#include <string_view>

#include "src/dataset/dataset.h"

namespace iris {

/// The bytes of assets/iris.csv as they were at build time.
std::string_view EmbeddedIrisCsv();

/// Fisher's 150 samples: 4 features in cm, classes setosa, versicolor, virginica (0, 1, 2).
/// Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7 (1936).
Dataset LoadIris();

}  // namespace iris
