// SPDX-License-Identifier: Apache-2.0
//
// Makes one call, named by the argument: a right one, or one that only memory that was overwritten could lead to. Built
// like the release, and once more without its checks; test_control_flow.py says how each has to end.
#include "tests/toolchain/wrong_calls.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <string_view>

namespace {

/// Out of the optimiser's sight: what comes back may be anything.
template <typename T>
T Opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

const Circle& AsCircle(void* object) { return *static_cast<const Circle*>(Opaque(object)); }

int CallVirtual(void* object) { return AsCircle(object).Corners(); }
int CallMember(void* object) { return AsCircle(object).Size(); }

/// A pointer to a member is an address and an offset, or an offset into a virtual table.
int CallThroughMember(void* object, int (Circle::*member)() const) {
  auto words = std::bit_cast<std::array<long, 2>>(member);
  words[0] = Opaque(words[0]);
  return (AsCircle(object).*std::bit_cast<int (Circle::*)() const>(words))();
}

int CallThroughPointer(const void* function) { return std::bit_cast<Unary>(Opaque(function))(1); }

struct Call {
  std::string_view name;
  int (*make)();
};

// Keeps a function of each type reachable by pointer, so that there is something to be mistaken for.
const volatile Unary kUnary = Negative;
const volatile Binary kBinary = Sum;

const Call kCalls[] = {
    {"right-virtual", [] { return CallVirtual(MakeCircle()) + CallVirtual(MakeEllipse()); }},
    {"right-member", [] { return CallMember(MakeEllipse()); }},
    {"right-member-pointer", [] { return CallThroughMember(MakeEllipse(), &Circle::Corners); }},
    {"right-member-address", [] { return CallThroughMember(MakeEllipse(), &Circle::Size); }},
    {"right-function", [] { return CallThroughPointer(std::bit_cast<const void*>(Unary{kUnary})); }},
    {"wrong-virtual", [] { return CallVirtual(MakeSquare()); }},
    {"wrong-member", [] { return CallMember(MakeSquare()); }},
    {"wrong-member-pointer", [] { return CallThroughMember(MakeSquare(), &Circle::Corners); }},
    {"wrong-member-address",
     [] { return CallThroughMember(MakeCircle(), std::bit_cast<int (Circle::*)() const>(&Square::Length)); }},
    {"wrong-function", [] { return CallThroughPointer(std::bit_cast<const void*>(Binary{kBinary})); }},
};

}  // namespace

int main(int count, char** words) {
  const std::string_view name = count == 2 ? words[1] : "";
  const auto* call = std::ranges::find(kCalls, name, &Call::name);
  if (call == std::end(kCalls)) return 64;
  std::printf("called: %d\n", call->make());
  return 0;
}
