// SPDX-License-Identifier: Apache-2.0
//
// The man page.

#pragma once

#include <string>

namespace iris {

/// iris-predictor(1), made from the surface of the command line: what --help says of every command, the environment,
/// the configuration file, exit codes. Source: man(7), groff's and mandoc's.
std::string ManPage();

}  // namespace iris
