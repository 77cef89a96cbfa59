// SPDX-License-Identifier: Apache-2.0

#include "arguments.h"

#include <cstdlib>

namespace iris::bench {

std::string Arguments::Text(const std::string& name, const std::string& otherwise) const {
  const std::string prefix = name + "=";
  for (int i = 1; i < argc_; ++i) {
    const std::string argument = argv_[i];
    if (argument.starts_with(prefix)) return argument.substr(prefix.size());
  }
  return otherwise;
}

double Arguments::Number(const std::string& name, double otherwise) const {
  const std::string text = Text(name);
  return text.empty() ? otherwise : std::strtod(text.c_str(), nullptr);
}

}  // namespace iris::bench
