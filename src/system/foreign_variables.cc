// SPDX-License-Identifier: Apache-2.0

#include "src/system/foreign_variables.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace iris {

void DropVariables(std::string_view prefix) {
  std::vector<std::string> names;  // to take one out moves the others
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view entry(*variable);
    if (entry.starts_with(prefix)) names.emplace_back(entry.substr(0, entry.find('=')));
  }
  for (const std::string& name : names) unsetenv(name.c_str());
}

}  // namespace iris
