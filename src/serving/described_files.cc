// SPDX-License-Identifier: Apache-2.0
//
// FileDescriptorSet is walked field by field; the numbers below are those of google/protobuf/descriptor.proto.

#include "src/serving/described_files.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <limits>

namespace iris {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::internal::WireFormatLite;

/// One field of a message: its number, and its value if that is a number, or bytes.
struct Field {
  int number = 0;
  std::uint64_t value = 0;
  std::string_view bytes{};
};

/// The fields of `message` in order. Errors: kBadData.
Result<std::vector<Field>> Fields(std::string_view message) {
  const std::unexpected<Error> broken = Fail(ErrorCode::kBadData, "not a google.protobuf.FileDescriptorSet");
  if (message.size() > std::size_t{std::numeric_limits<int>::max()}) return broken;
  CodedInputStream input(reinterpret_cast<const std::uint8_t*>(message.data()), static_cast<int>(message.size()));
  std::vector<Field> fields;
  while (const std::uint32_t tag = input.ReadTag()) {
    Field field{.number = WireFormatLite::GetTagFieldNumber(tag)};
    std::uint32_t length = 0;
    bool ok = true;
    switch (WireFormatLite::GetTagWireType(tag)) {
      case WireFormatLite::WIRETYPE_VARINT:
        ok = input.ReadVarint64(&field.value);
        break;
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        ok = input.ReadVarint32(&length) && length <= message.size();
        if (!ok) break;
        field.bytes = message.substr(static_cast<std::size_t>(input.CurrentPosition()), length);
        ok = input.Skip(static_cast<int>(length));
        break;
      default:
        ok = WireFormatLite::SkipField(&input, tag);
    }
    if (!ok) return broken;
    fields.push_back(field);
  }
  if (!input.ConsumedEntireMessage()) return broken;
  return fields;
}

std::string Join(std::string_view scope, std::string_view name) {
  std::string joined(scope);
  if (!joined.empty()) joined += '.';
  joined += name;
  return joined;
}

/// The value of the one field `number` that is bytes.
std::string_view BytesOf(const std::vector<Field>& fields, int number) {
  for (const Field& field : fields) {
    if (field.number == number) return field.bytes;
  }
  return {};
}

}  // namespace

/// Takes up one file. Each function below takes the bytes of one descriptor and the scope that its name is in.
class DescribedFiles::Reader {
 public:
  Reader(DescribedFiles& result, const File& file) : result_(result), file_(file) {}

  Result<void> TakeFile(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      Result<void> taken;
      switch (field.number) {
        case 4: taken = TakeMessage(field.bytes, file_.package); break;
        case 5: taken = TakeEnum(field.bytes, file_.package); break;
        case 6: taken = TakeService(field.bytes, file_.package); break;
        case 7: taken = TakeExtension(field.bytes, file_.package); break;
        default: break;
      }
      if (!taken) return taken;
    }
    return {};
  }

 private:
  Result<void> TakeMessage(std::string_view bytes, std::string_view scope) {
    const Result<std::vector<Field>> fields = Fields(bytes);
    if (!fields) return std::unexpected(fields.error());
    const std::string name = Join(scope, BytesOf(*fields, 1));
    Define(name);
    result_.messages_.insert(name);
    for (const Field& field : *fields) {
      Result<void> taken;
      switch (field.number) {
        case 2:  // fields
        case 8:  // oneofs
          taken = TakeNamed(field.bytes, name);
          break;
        case 3: taken = TakeMessage(field.bytes, name); break;
        case 4: taken = TakeEnum(field.bytes, name); break;
        case 6: taken = TakeExtension(field.bytes, name); break;
        default: break;
      }
      if (!taken) return taken;
    }
    return {};
  }

  Result<void> TakeEnum(std::string_view bytes, std::string_view scope) {
    const Result<std::vector<Field>> fields = Fields(bytes);
    if (!fields) return std::unexpected(fields.error());
    Define(Join(scope, BytesOf(*fields, 1)));
    return TakeAll(*fields, scope);  // as in C, values stand beside their enum
  }

  Result<void> TakeService(std::string_view bytes, std::string_view scope) {
    const Result<std::vector<Field>> fields = Fields(bytes);
    if (!fields) return std::unexpected(fields.error());
    const std::string name = Join(scope, BytesOf(*fields, 1));
    Define(name);
    return TakeAll(*fields, name);  // methods
  }

  Result<void> TakeExtension(std::string_view bytes, std::string_view scope) {
    const Result<std::vector<Field>> fields = Fields(bytes);
    if (!fields) return std::unexpected(fields.error());
    Define(Join(scope, BytesOf(*fields, 1)));
    std::string_view type = BytesOf(*fields, 2);
    if (type.starts_with('.')) type.remove_prefix(1);
    for (const Field& field : *fields) {
      if (field.number == 3) {
        result_.extensions_[{std::string(type), static_cast<std::int32_t>(field.value)}] = &file_;
      }
    }
    return {};
  }

  /// What `fields` have as number 2: values of an enum, methods of a service.
  Result<void> TakeAll(const std::vector<Field>& fields, std::string_view scope) {
    for (const Field& field : fields) {
      if (field.number != 2) continue;
      if (Result<void> taken = TakeNamed(field.bytes, scope); !taken) return taken;
    }
    return {};
  }

  Result<void> TakeNamed(std::string_view bytes, std::string_view scope) {
    const Result<std::vector<Field>> fields = Fields(bytes);
    if (!fields) return std::unexpected(fields.error());
    Define(Join(scope, BytesOf(*fields, 1)));
    return {};
  }

  void Define(const std::string& name) { result_.symbols_.emplace(name, &file_); }

  DescribedFiles& result_;
  const File& file_;
};

Result<DescribedFiles> DescribedFiles::Read(std::string_view set) {
  const Result<std::vector<Field>> files = Fields(set);
  if (!files) return std::unexpected(files.error());
  DescribedFiles result;
  for (const Field& one : *files) {
    const Result<std::vector<Field>> fields = Fields(one.bytes);
    if (!fields) return std::unexpected(fields.error());
    File& file = result.files_.emplace_back(
        File{.name = BytesOf(*fields, 1), .package = BytesOf(*fields, 2), .bytes = one.bytes});
    for (const Field& field : *fields) {
      if (field.number == 3) file.imports.push_back(field.bytes);
    }
    result.by_name_.emplace(file.name, &file);
    if (Result<void> taken = Reader(result, file).TakeFile(*fields); !taken) return std::unexpected(taken.error());
  }
  for (const File& file : result.files_) {
    for (const std::string_view import : file.imports) {
      if (result.FindFile(import) != nullptr) continue;
      return Fail(ErrorCode::kBadData, std::string(file.name) + " imports " + std::string(import) +
                                               ", which is missing: run protoc with --include_imports");
    }
  }
  return result;
}

const DescribedFiles::File* DescribedFiles::FindFile(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const DescribedFiles::File* DescribedFiles::FindSymbol(std::string_view name) const {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? nullptr : found->second;
}

const DescribedFiles::File* DescribedFiles::FindExtension(std::string_view type, std::int32_t number) const {
  if (!HasMessage(type)) return nullptr;  // before a copy of what may be as long as a message
  const auto found = extensions_.find({std::string(type), number});
  return found == extensions_.end() ? nullptr : found->second;
}

std::vector<std::int32_t> DescribedFiles::ExtensionNumbers(std::string_view type) const {
  std::vector<std::int32_t> numbers;
  for (const auto& [key, file] : extensions_) {
    if (key.first == type) numbers.push_back(key.second);
  }
  return numbers;
}

bool DescribedFiles::HasPackage(std::string_view name) const {
  for (const File& file : files_) {
    const std::string_view package = file.package;
    if (!name.empty() && package.starts_with(name) && (package.size() == name.size() || package[name.size()] == '.')) {
      return true;
    }
  }
  return false;
}

}  // namespace iris
