// SPDX-License-Identifier: Apache-2.0

#include "src/inference/datatype.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/inference/requests.h"

namespace iris {
namespace {

template <typename T>
using Limits = std::numeric_limits<T>;

// Converts raw values of T, at every alignment, all to be taken.
template <typename T>
void CheckExact(const std::string& name, const std::vector<T>& values) {
  INFO(name);
  const Datatype* const type = FindDatatype(name);
  REQUIRE(type != nullptr);
  REQUIRE(StorageBytes(type->raw) == sizeof(T));
  for (std::size_t offset = 0; offset < 8; ++offset) {
    std::string bytes(offset, '\xFF');
    for (const T value : values) bytes += Bytes(value);
    std::vector<double> out(values.size());
    REQUIRE(ConvertValues(*type, type->raw, bytes.data() + offset, values.size(), out.data()) == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(out[i] == static_cast<double>(values[i]));
      CHECK(static_cast<long double>(out[i]) == static_cast<long double>(values[i]));  // 64 bits: nothing was lost
    }
  }
}

TEST_CASE("every type is converted exactly, to its ends, at any alignment") {
  CheckExact<std::int8_t>("INT8", {-128, -1, 0, 1, 127});
  CheckExact<std::int16_t>("INT16", {-32768, 0, 32767});
  CheckExact<std::int32_t>("INT32", {Limits<std::int32_t>::min(), 0, Limits<std::int32_t>::max()});
  CheckExact<std::int64_t>("INT64", {Limits<std::int64_t>::min(), -(INT64_C(1) << 53), -1, 0, INT64_C(1) << 53,
                                     INT64_C(1) << 62, ((INT64_C(1) << 53) - 1) << 10});
  CheckExact<std::uint8_t>("UINT8", {0, 255});
  CheckExact<std::uint16_t>("UINT16", {0, 65535});
  CheckExact<std::uint32_t>("UINT32", {0, Limits<std::uint32_t>::max()});
  CheckExact<std::uint64_t>("UINT64", {0, UINT64_C(1) << 63, ((UINT64_C(1) << 53) - 1) << 11});
  CheckExact<float>("FP32", {0.1f, -0.0f, Limits<float>::max(), Limits<float>::denorm_min()});
  CheckExact<double>("FP64", {0.1, -0.0, Limits<double>::max(), Limits<double>::denorm_min()});
}

TEST_CASE("a 64-bit integer that no double is, is refused") {
  const Datatype& int64 = *FindDatatype("INT64");
  for (const std::int64_t value : {(INT64_C(1) << 53) + 1, -(INT64_C(1) << 53) - 1, Limits<std::int64_t>::max(),
                                   Limits<std::int64_t>::min() + 1}) {
    const std::string bytes = Bytes(std::int64_t{7}) + Bytes(value) + Bytes(value);
    std::vector<double> out(3);
    CHECK(ConvertValues(int64, Storage::kInt64, bytes.data(), 3, out.data()) == 1);
    CHECK(DescribeRefusedValue(int64, Storage::kInt64, bytes.data() + 8) ==
          "is " + std::to_string(value) +
              ", which FP64 cannot hold exactly; expected at most 2^53 in magnitude, or send FP64");
  }
  const Datatype& uint64 = *FindDatatype("UINT64");
  for (const std::uint64_t value : {(UINT64_C(1) << 53) + 1, Limits<std::uint64_t>::max(), (UINT64_C(1) << 63) + 1}) {
    double out = 0;
    CHECK(ConvertValues(uint64, Storage::kUint64, Bytes(value).data(), 1, &out) == 0);
  }
}

TEST_CASE("floating-point values that are not finite are refused") {
  const auto [name, storage] =
      GENERATE(table<std::string, Storage>({{"FP32", Storage::kFp32}, {"FP64", Storage::kFp64}}));
  const auto [value, shown] = GENERATE(table<double, std::string>({{Limits<double>::infinity(), "inf"},
                                                                   {-Limits<double>::infinity(), "-inf"},
                                                                   {Limits<double>::quiet_NaN(), "nan"}}));
  const std::string bytes = RawValues(name, std::vector{1.0, 2.0, 3.0, value, 5.0});
  std::vector<double> out(5);
  CHECK(ConvertValues(*FindDatatype(name), storage, bytes.data(), 5, out.data()) == 3);
  CHECK(DescribeRefusedValue(*FindDatatype(name), storage, bytes.data() + 3 * StorageBytes(storage)) ==
        "is " + shown + ", expected a finite number");
}

TEST_CASE("a typed value beyond its narrow type is refused") {
  const auto [name, lowest, highest] = GENERATE(table<std::string, std::int64_t, std::int64_t>(
      {{"INT8", -128, 127}, {"INT16", -32768, 32767}, {"UINT8", 0, 255}, {"UINT16", 0, 65535}}));
  const Datatype& type = *FindDatatype(name);
  const auto taken = [&](std::int64_t value) {
    const std::string bytes = Bytes(static_cast<std::int32_t>(value));
    double out = 0;
    return ConvertValues(type, type.typed, bytes.data(), 1, &out) == 1;
  };
  CHECK(taken(lowest));
  CHECK(taken(highest));
  CHECK_FALSE(taken(highest + 1));
  if (lowest < 0) CHECK_FALSE(taken(lowest - 1));
  CHECK(DescribeRefusedValue(type, type.typed, Bytes(static_cast<std::int32_t>(highest + 1)).data()) ==
        "is " + std::to_string(highest + 1) + ", which is not a value of " + name + "; expected " +
            std::to_string(lowest) + " to " + std::to_string(highest));
}

TEST_CASE("only the names of the specification are known, in capitals") {
  CHECK(DatatypeNames() == "FP64, FP32, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64");
  for (const char* name : {"", "fp64", "FP6", "FP644", "FP16", "BF16", "BOOL", "BYTES", "TYPE_FP32"}) {
    CHECK(FindDatatype(name) == nullptr);
  }
}

}  // namespace
}  // namespace iris
