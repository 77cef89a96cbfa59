// SPDX-License-Identifier: Apache-2.0
//
// Variables of the environment by which the libraries inside would be set up, beside and unseen by our own settings.

#pragma once

#include <string_view>

namespace iris {

/// Takes every variable whose name begins with `prefix` out of the environment. Requires: no other thread.
void DropVariables(std::string_view prefix);

}  // namespace iris
