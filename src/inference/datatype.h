// SPDX-License-Identifier: Apache-2.0
//
// The tensor types that are taken, and how the values of each are read.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace iris {

/// The repeated fields of InferTensorContents, in the order of their numbers.
enum class ContentsField { kBool, kInt, kInt64, kUint, kUint64, kFp32, kFp64, kBytes };
inline constexpr std::size_t kContentsFields = 8;

/// How one value lies in memory; little-endian.
enum class Storage { kInt8, kInt16, kInt32, kInt64, kUint8, kUint16, kUint32, kUint64, kFp32, kFp64 };

/// A tensor type.
struct Datatype {
  std::string_view name;     ///< "FP32"
  Storage raw;               ///< In raw_input_contents.
  Storage typed;             ///< In `field`.
  ContentsField field;       ///< Where typed values stand.
  double lowest, highest;    ///< What a typed value must be within, where its field could hold more; else no bound.
};

/// The type of that name, or nullptr. Names are case-sensitive.
const Datatype* FindDatatype(std::string_view name);

/// "FP64, FP32, INT8, ...": all that are taken, for messages.
std::string DatatypeNames();

/// Bytes of one value.
std::size_t StorageBytes(Storage storage);

/// How many values there are before the first that is NaN or infinite.
std::size_t CountFinite(std::span<const double> values);

/// Converts `count` values at `from` (any alignment) to doubles. Returns the index of the first that cannot be taken,
/// or `count` when all can: floating-point ones must be finite, 64-bit integers a double's exactly, all within the
/// bounds of `type`.
std::size_t ConvertValues(const Datatype& type, Storage storage, const char* from, std::size_t count, double* to);

/// Why the value at `from`, which ConvertValues refused, is not taken: "is nan, expected a finite number".
std::string DescribeRefusedValue(const Datatype& type, Storage storage, const char* from);

}  // namespace iris
