// SPDX-License-Identifier: Apache-2.0
//
// Completion scripts for shells, made from the surface of the command line. They complete commands, options, the words
// and files that options take, and what print prints; what they do not know they leave to the user.

#pragma once

#include <string>

namespace iris {

/// For bash 4 or later: source it, or put it into bash-completion's folder under the name iris-predictor.
std::string BashCompletion();

/// For zsh 5 or later: a file _iris-predictor in a folder of $fpath, or sourced after compinit.
std::string ZshCompletion();

/// For fish 3 or later: a file iris-predictor.fish in ~/.config/fish/completions.
std::string FishCompletion();

}  // namespace iris
