// SPDX-License-Identifier: Apache-2.0

#include "src/cli/suggestion.h"

#include <string>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("edit distance counts insertions, deletions, replacements and swaps", "[suggestion]") {
  CHECK(EditDistance("", "") == 0);
  CHECK(EditDistance("", "abc") == 3);
  CHECK(EditDistance("abc", "") == 3);
  CHECK(EditDistance("serve", "serve") == 0);
  CHECK(EditDistance("serv", "serve") == 1);     // one missing
  CHECK(EditDistance("serrve", "serve") == 1);   // one too many
  CHECK(EditDistance("serbe", "serve") == 1);    // one wrong
  CHECK(EditDistance("sevre", "serve") == 1);    // two swapped: 2 without the transposition
  CHECK(EditDistance("ca", "abc") == 3);         // optimal string alignment; unrestricted Damerau would say 2
  CHECK(EditDistance("kitten", "sitting") == 3);
}

TEST_CASE("edit distance is symmetric", "[suggestion]") {
  const std::vector<std::string> words = {"", "a", "train", "trian", "predict", "inspect", "--listen", "--lsiten"};
  for (const std::string& a : words) {
    for (const std::string& b : words) CHECK(EditDistance(a, b) == EditDistance(b, a));
  }
}

TEST_CASE("the nearest word is suggested, or none when all are far", "[suggestion]") {
  const std::vector<std::string> commands = {"serve", "train", "predict", "inspect", "healthcheck", "version"};
  CHECK(NearestWord("serv", commands) == "serve");
  CHECK(NearestWord("trian", commands) == "train");
  CHECK(NearestWord("perdict", commands) == "predict");
  CHECK(NearestWord("healthchek", commands) == "healthcheck");
  CHECK(NearestWord("health", commands) == std::nullopt);
  CHECK(NearestWord("x", commands) == std::nullopt);
  CHECK(NearestWord("", commands) == std::nullopt);
  CHECK(NearestWord("frobnicate", commands) == std::nullopt);
  CHECK(NearestWord(std::string(1'000'000, 's'), commands) == std::nullopt);
}

TEST_CASE("the first of equally near words wins", "[suggestion]") {
  const std::vector<std::string> words = {"--host", "--most"};
  CHECK(NearestWord("--post", words) == "--host");
}

TEST_CASE("an unknown word is answered with what was meant, or where to look", "[suggestion]") {
  CHECK(UnknownWord("option", "--prot", "--port", "x --help") == "unknown option '--prot'; did you mean '--port'?");
  CHECK(UnknownWord("option", "--zz", std::nullopt, "x --help") == "unknown option '--zz'; 'x --help' lists the options");
  // What would break the line, or command a terminal, does not get there.
  CHECK(UnknownWord("setting", "re\tle\x1b", std::nullopt, "x") == "unknown setting 're?le?'; 'x' lists the settings");
}

}  // namespace
}  // namespace iris
