// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/json_syntax.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::size_t kMaxDepth = 4;
// The tree that keeps the order of keys looks at all of an object's for each new one. Only the class weights have many.
constexpr std::size_t kFewKeys = 64;
constexpr std::size_t kMaxFurtherKeys = 10'000;

/// Looks at the events of a parse, builds nothing, and stops at the first thing that is wrong. Runs before the tree is
/// built: the tree's own builder would let the last of two equal keys win, and would nest as deep as the text tells it.
class SyntaxCheck final : public nlohmann::json_sax<Json> {
 public:
  const std::string& problem() const { return problem_; }
  std::optional<std::size_t> offset() const { return offset_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return Open(); }
  bool start_array(std::size_t) override { return Open(); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& key) override {
    if (!keys_.back().insert(key).second) {
      problem_ = "found the key " + Quote(key) + " twice, expected it once";
    } else if (keys_.back().size() > kFewKeys && ++further_keys_ > kMaxFurtherKeys) {
      problem_ = "found more than " + std::to_string(kMaxFurtherKeys) + " keys in one object, which no file read here has";
    }
    return problem_.empty();
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, …": the library's own name for it goes.
    const std::string_view what = error.what();
    const std::size_t end = what.find("] ");
    // It quotes what it read last, of which it spells out the control characters below U+0020 alone.
    problem_ = "not a JSON document: " + WithoutCommands(end == std::string_view::npos ? what : what.substr(end + 2)) +
               " (byte " + std::to_string(position) + ")";
    offset_ = position > 0 ? position - 1 : 0;
    return false;
  }

 private:
  bool Open() {
    keys_.emplace_back();
    if (keys_.size() <= kMaxDepth) return true;
    problem_ = "found brackets nested deeper than " + std::to_string(kMaxDepth) + ", which no file read here has";
    return false;
  }
  bool Close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;  ///< Keys seen so far, one set an open bracket.
  std::size_t further_keys_ = 0;             ///< Those after the first few of their object, in the whole text.
  std::string problem_;
  std::optional<std::size_t> offset_;
};

}  // namespace

std::optional<JsonProblem> FindJsonProblem(std::string_view text) {
  SyntaxCheck check;
  if (Json::sax_parse(text, &check)) return std::nullopt;
  return JsonProblem{.what = check.problem(), .offset = check.offset()};
}

Result<Json> ParseStrictJson(std::string_view text, const std::string& origin) {
  const std::optional<JsonProblem> problem = FindJsonProblem(text);
  if (problem) return Fail(ErrorCode::kBadData, origin + ": " + problem->what);
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace iris
