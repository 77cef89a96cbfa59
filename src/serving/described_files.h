// SPDX-License-Identifier: Apache-2.0
//
// The .proto files behind a server's services, as reflection tells of them: found by name, by what they define, by what
// they extend. Read from what protoc writes (--descriptor_set_out --include_imports), so that the program needs none of
// protobuf's own descriptors, which are most of its full runtime. Immutable, safe from several threads.
// Source: google/protobuf/descriptor.proto

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/error.h"

namespace iris {

class DescribedFiles {
 public:
  struct File {
    std::string_view name{};
    std::string_view package{};
    std::string_view bytes{};                 ///< The file as a google.protobuf.FileDescriptorProto.
    std::vector<std::string_view> imports{};  ///< Names, in the file's order.
  };

  /// `set` is a google.protobuf.FileDescriptorSet, and must outlive what is made of it.
  /// Errors: kBadData when it is none, or an import is not in it.
  static Result<DescribedFiles> Read(std::string_view set);

  // Each of these is null or empty when there is no such thing. Names are full names without a leading dot.

  const File* FindFile(std::string_view name) const;
  /// The file that defines a message, enum, service, extension, or something in one of them. Packages belong to no file.
  const File* FindSymbol(std::string_view name) const;
  const File* FindExtension(std::string_view type, std::int32_t number) const;
  /// Ascending.
  std::vector<std::int32_t> ExtensionNumbers(std::string_view type) const;

  bool HasMessage(std::string_view name) const { return messages_.contains(name); }
  bool HasPackage(std::string_view name) const;

 private:
  class Reader;

  std::deque<File> files_{};  // whose addresses stay
  std::map<std::string_view, const File*> by_name_{};
  std::map<std::string, const File*, std::less<>> symbols_{};
  std::set<std::string, std::less<>> messages_{};
  std::map<std::pair<std::string, std::int32_t>, const File*> extensions_{};
};

}  // namespace iris
