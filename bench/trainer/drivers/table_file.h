// SPDX-License-Identifier: Apache-2.0
//
// The tables that all contenders read, in a form that costs none of them anything to parse:
//   header    seven 64-bit numbers: magic, kind (0 dense, 1 sparse), samples, columns, stored values, classes, 0
//   labels    samples × int32, the class of each; padded to 8 bytes
//   dense     samples × columns doubles, row-major
//   sparse    (samples + 1) × uint64 starts; stored × uint32 columns, padded to 8 bytes; stored × double
// in the machine's byte order. Written by make_table, read in order.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace iris::bench {

struct TableHeader {
  static constexpr std::uint64_t kMagic = 0x31656c6261747269;  // "irtable1"

  std::uint64_t magic = kMagic;
  std::uint64_t sparse = 0;
  std::uint64_t samples = 0;
  std::uint64_t columns = 0;
  std::uint64_t stored = 0;
  std::uint64_t classes = 2;
  std::uint64_t reserved = 0;
};

/// One file, read or written from its start to its end. A failure ends the program with a message: there is nobody to
/// handle it.
class TableFile {
 public:
  static TableFile Open(const std::string& path);
  static TableFile Create(const std::string& path);

  template <typename T>
  void Read(T* to, std::size_t count) {
    ReadBytes(to, count * sizeof(T));
  }
  template <typename T>
  void Write(const T* from, std::size_t count) {
    WriteBytes(from, count * sizeof(T));
  }
  /// Passes over (writes) what fills `count` values of T up to 8 bytes.
  template <typename T>
  void SkipPadding(std::size_t count) {
    std::uint64_t none = 0;
    ReadBytes(&none, Padding(count * sizeof(T)));
  }
  template <typename T>
  void WritePadding(std::size_t count) {
    const std::uint64_t none = 0;
    WriteBytes(&none, Padding(count * sizeof(T)));
  }

  TableHeader ReadHeader();
  /// Shape: samples. Values below classes.
  std::vector<std::int32_t> ReadLabels(const TableHeader& header);
  void Close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  TableFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  static std::size_t Padding(std::size_t bytes) { return (8 - bytes % 8) % 8; }
  void ReadBytes(void* to, std::size_t bytes);
  void WriteBytes(const void* from, std::size_t bytes);

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

/// Writes `values` as plain doubles: a model's rows, each weights then intercept, for score.
void WriteWeights(const std::string& path, const std::vector<double>& values);

}  // namespace iris::bench
