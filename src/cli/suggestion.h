// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean …?": the nearest of the words that would have been right.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace iris {

/// Number of letters to insert, delete, replace, or swap with their neighbour, to turn `a` into `b`, no letter being
/// touched twice (the optimal-string-alignment form of the Damerau–Levenshtein distance). O(|a|·|b|).
/// Source: F. J. Damerau, "A technique for computer detection and correction of spelling errors", CACM 7:171 (1964).
std::size_t EditDistance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, the first of equals; none when even that is too far off to be meant (more than a
/// third of the longer word, and always more than one letter).
std::optional<std::string> NearestWord(std::string_view word, std::span<const std::string> candidates);

/// "unknown KIND 'WORD'; did you mean 'MEANT'?", or, where nothing near is known, that the command `help` lists the
/// KINDs.
std::string UnknownWord(const std::string& kind, const std::string& word, const std::optional<std::string>& meant,
                        const std::string& help);

}  // namespace iris
