// SPDX-License-Identifier: Apache-2.0

#include "src/inference/datatype.h"

#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>

#include "src/inference/field_error.h"

namespace iris {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensors are little-endian and are read in place");

constexpr double kNone = std::numeric_limits<double>::infinity();

constexpr std::array<Datatype, 10> kDatatypes = {{
    {"FP64", Storage::kFp64, Storage::kFp64, ContentsField::kFp64, -kNone, kNone},
    {"FP32", Storage::kFp32, Storage::kFp32, ContentsField::kFp32, -kNone, kNone},
    {"INT8", Storage::kInt8, Storage::kInt32, ContentsField::kInt, -128, 127},
    {"INT16", Storage::kInt16, Storage::kInt32, ContentsField::kInt, -32768, 32767},
    {"INT32", Storage::kInt32, Storage::kInt32, ContentsField::kInt, -kNone, kNone},
    {"INT64", Storage::kInt64, Storage::kInt64, ContentsField::kInt64, -kNone, kNone},
    {"UINT8", Storage::kUint8, Storage::kUint32, ContentsField::kUint, 0, 255},
    {"UINT16", Storage::kUint16, Storage::kUint32, ContentsField::kUint, 0, 65535},
    {"UINT32", Storage::kUint32, Storage::kUint32, ContentsField::kUint, -kNone, kNone},
    {"UINT64", Storage::kUint64, Storage::kUint64, ContentsField::kUint64, -kNone, kNone},
}};

// Calls `function` with a value of the C++ type that `storage` stands for.
template <typename Function>
auto WithStorage(Storage storage, Function function) {
  switch (storage) {
    case Storage::kInt8:
      return function(std::int8_t{});
    case Storage::kInt16:
      return function(std::int16_t{});
    case Storage::kInt32:
      return function(std::int32_t{});
    case Storage::kInt64:
      return function(std::int64_t{});
    case Storage::kUint8:
      return function(std::uint8_t{});
    case Storage::kUint16:
      return function(std::uint16_t{});
    case Storage::kUint32:
      return function(std::uint32_t{});
    case Storage::kUint64:
      return function(std::uint64_t{});
    case Storage::kFp32:
      return function(float{});
    case Storage::kFp64:
      break;
  }
  return function(double{});
}

template <typename T>
T ReadValue(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Whether a double holds it exactly: its digits, from the first 1 to the last, are no more than 53.
template <std::integral T>
bool IsExact(T value) {
  if constexpr (sizeof(T) < 8) {
    return true;
  } else {
    const auto bits = static_cast<std::uint64_t>(value);
    const std::uint64_t magnitude = value < 0 ? 0 - bits : bits;
    return magnitude >> 53 == 0 || (magnitude >> std::countr_zero(magnitude)) >> 53 == 0;
  }
}

template <typename T>
bool IsTaken(T value, double lowest, double highest) {
  if constexpr (std::floating_point<T>) {
    return std::isfinite(value);
  } else {
    const auto number = static_cast<double>(value);
    return IsExact(value) && number >= lowest && number <= highest;
  }
}

template <typename T>
std::size_t Convert(const Datatype& type, const char* from, std::size_t count, double* to) {
  bool all = true;  // no early exit: the loop stays one that compilers turn into vector code
  for (std::size_t i = 0; i < count; ++i) {
    const T value = ReadValue<T>(from + i * sizeof(T));
    to[i] = static_cast<double>(value);
    all &= IsTaken(value, type.lowest, type.highest);
  }
  if (all) return count;
  std::size_t i = 0;
  while (IsTaken(ReadValue<T>(from + i * sizeof(T)), type.lowest, type.highest)) ++i;
  return i;
}

std::string NotExact(const std::string& found) {
  return Concat({"is ", found, ", which FP64 cannot hold exactly; expected at most 2^53 in magnitude, or send FP64"});
}

std::string OutOfRange(const Datatype& type, const std::string& found) {
  return Concat({"is ", found, ", which is not a value of ", type.name, "; expected ", FormatValue(type.lowest), " to ",
                 FormatValue(type.highest)});
}

}  // namespace

const Datatype* FindDatatype(std::string_view name) {
  for (const Datatype& type : kDatatypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

std::string DatatypeNames() {
  std::string names;
  for (const Datatype& type : kDatatypes) {
    if (!names.empty()) names += ", ";
    names += type.name;
  }
  return names;
}

std::size_t StorageBytes(Storage storage) {
  return WithStorage(storage, [](auto value) { return sizeof value; });
}

std::size_t CountFinite(std::span<const double> values) {
  bool all = true;  // no early exit, as in Convert
  for (const double value : values) all &= std::isfinite(value);
  if (all) return values.size();
  std::size_t i = 0;
  while (std::isfinite(values[i])) ++i;
  return i;
}

std::size_t ConvertValues(const Datatype& type, Storage storage, const char* from, std::size_t count, double* to) {
  return WithStorage(storage, [&](auto value) { return Convert<decltype(value)>(type, from, count, to); });
}

std::string DescribeRefusedValue(const Datatype& type, Storage storage, const char* from) {
  return WithStorage(storage, [&](auto kind) -> std::string {
    const auto value = ReadValue<decltype(kind)>(from);
    if constexpr (std::floating_point<decltype(kind)>) {
      return Concat({"is ", FormatValue(static_cast<double>(value)), ", expected a finite number"});
    } else {
      const std::string found = std::to_string(value);
      return IsExact(value) ? OutOfRange(type, found) : NotExact(found);
    }
  });
}

}  // namespace iris
