// SPDX-License-Identifier: Apache-2.0
//
// Makes one access, named by the argument: a right one, or one beyond what there is, which libc++'s hardening has to
// refuse. Built like the release, and once more without it; test_hardening.py says how each has to end. The wrong ones
// stay within memory that is there, so that without it they go on, with a wrong value.
#include <algorithm>
#include <array>
#include <cstdio>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Out of the optimiser's sight: what comes back may be anything.
template <typename T>
T Opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

constexpr std::array<int, 4> kFour = {1, 2, 3, 4};
constexpr std::string_view kText = "text";

int OfVector(std::size_t index) {
  std::vector<int> three = {1, 2, 3, 4};
  three.pop_back();
  return three[Opaque(index)];
}

int OfSpan(std::size_t index) { return std::span(kFour).first(3)[Opaque(index)]; }
int OfView(std::size_t index) { return kText.substr(0, 3)[Opaque(index)]; }

int OfArray(std::size_t index) {
  struct {
    std::array<int, 3> three = {1, 2, 3};
    int behind = 4;
  } numbers;
  return (*Opaque(&numbers.three))[Opaque(index)];
}

int OfString(std::size_t index) {
  std::string text = "text";
  text.resize(2);
  return text[Opaque(index)];
}

int OfOptional(std::size_t index) {
  std::optional<int> there = 1;
  if (Opaque(index) > 2) there.reset();
  return *there;
}

int OfExpected(std::size_t index) {
  std::expected<int, int> there = 1;
  if (Opaque(index) > 2) there = std::unexpected(2);
  return *there;
}

struct Access {
  std::string_view name;
  int (*make)(std::size_t index);
};

const Access kAccesses[] = {{"vector", OfVector}, {"span", OfSpan},     {"view", OfView},         {"array", OfArray},
                            {"string", OfString}, {"optional", OfOptional}, {"expected", OfExpected}};
constexpr std::size_t kRight = 2;
constexpr std::size_t kWrong = 3;  // for all of them

}  // namespace

int main(int count, char** words) {
  const std::string_view wish = count == 2 ? words[1] : "";
  const bool wrong = wish.starts_with("wrong-");
  const std::string_view name = wish.substr(wrong || wish.starts_with("right-") ? 6 : 0);
  const auto* access = std::ranges::find(kAccesses, name, &Access::name);
  if (access == std::end(kAccesses)) return 64;
  std::printf("read: %d\n", access->make(wrong ? kWrong : kRight));
  return 0;
}
