// SPDX-License-Identifier: Apache-2.0

#include "table_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace iris::bench {
namespace {

[[noreturn]] void Die(const std::string& path, const char* what) {
  std::fprintf(stderr, "%s: %s\n", path.c_str(), what);
  std::exit(74);
}

std::FILE* OpenOrDie(const std::string& path, const char* mode) {
  std::FILE* file = std::fopen(path.c_str(), mode);
  if (file == nullptr) Die(path, std::strerror(errno));
  return file;
}

}  // namespace

TableFile TableFile::Open(const std::string& path) { return {path, OpenOrDie(path, "rb")}; }
TableFile TableFile::Create(const std::string& path) { return {path, OpenOrDie(path, "wb")}; }

void TableFile::ReadBytes(void* to, std::size_t bytes) {
  if (bytes > 0 && std::fread(to, 1, bytes, file_.get()) != bytes) Die(path_, "ends too early");
}

void TableFile::WriteBytes(const void* from, std::size_t bytes) {
  if (bytes > 0 && std::fwrite(from, 1, bytes, file_.get()) != bytes) Die(path_, std::strerror(errno));
}

TableHeader TableFile::ReadHeader() {
  TableHeader header;
  Read(&header, 1);
  if (header.magic != TableHeader::kMagic) Die(path_, "is not a table of make_table");
  return header;
}

std::vector<std::int32_t> TableFile::ReadLabels(const TableHeader& header) {
  std::vector<std::int32_t> labels(header.samples);
  Read(labels.data(), labels.size());
  SkipPadding<std::int32_t>(labels.size());
  return labels;
}

void TableFile::Close() {
  if (std::fclose(file_.release()) != 0) Die(path_, std::strerror(errno));
}

void WriteWeights(const std::string& path, const std::vector<double>& values) {
  TableFile file = TableFile::Create(path);
  file.Write(values.data(), values.size());
  file.Close();
}

}  // namespace iris::bench
