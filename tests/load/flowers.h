// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "src/load/workload.h"

namespace iris {

/// Three flowers and what the model of tests/serving/fixture.h says of them.
inline Flowers ThreeFlowers() {
  return {.samples = {5.0, 3.6, 1.3, 0.25, 6.4, 3.3, 6.0, 2.5, 5.7, 2.8, 4.1, 1.3}, .species = {0, 2, 1}};
}

}  // namespace iris
