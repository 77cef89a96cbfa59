// SPDX-License-Identifier: Apache-2.0

#include "src/serving/reflection_answers.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catch_amalgamated.hpp"
#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "inference/inference.pb.h"
#include "iris.pb.h"
#include "iris/v1/prediction.pb.h"

namespace iris {

namespace embedded {
extern const char served_files[];
extern const std::size_t served_files_size;
}  // namespace embedded

namespace {

using Catch::Matchers::ContainsSubstring;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::ServiceDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

constexpr int kNotFound = 5;
constexpr int kUnimplemented = 12;

// The files whose services are served, and that of what an error carries. Found by a type, which links them.
std::vector<const FileDescriptor*> ServedFiles() {
  return {ml::IrisPredictRequest::descriptor()->file(),
          inference::ModelInferRequest::descriptor()->file(),
          v1::StreamPredictRequest::descriptor()->file(),
          grpc::health::v1::HealthCheckRequest::descriptor()->file(),
          ServerReflectionRequest::descriptor()->file(),
          grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file(),
          google::rpc::BadRequest::descriptor()->file()};
}

// What the server tells of.
const DescribedFiles& Served() {
  static const DescribedFiles files =
      DescribedFiles::Read({embedded::served_files, embedded::served_files_size}).value();
  return files;
}

// Asks as one call does.
class Call {
 public:
  explicit Call(const DescribedFiles& files = Served()) : answers_(files, services_) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  ServerReflectionResponse Ask(ServerReflectionRequest request) { return answers_.Answer(std::move(request)); }

  ServerReflectionResponse FileByName(const std::string& name) {
    ServerReflectionRequest request;
    request.set_file_by_filename(name);
    return Ask(request);
  }
  ServerReflectionResponse FileContaining(const std::string& symbol) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    return Ask(request);
  }
  ServerReflectionResponse FileContaining(const std::string& type, int number) {
    ServerReflectionRequest request;
    request.mutable_file_containing_extension()->set_containing_type(type);
    request.mutable_file_containing_extension()->set_extension_number(number);
    return Ask(request);
  }
  ServerReflectionResponse ExtensionNumbers(const std::string& type) {
    ServerReflectionRequest request;
    request.set_all_extension_numbers_of_type(type);
    return Ask(request);
  }

 private:
  const std::vector<std::string> services_ = {"a.First", "b.Second"};
  ReflectionAnswers answers_;
};

std::vector<FileDescriptorProto> Files(const ServerReflectionResponse& response) {
  CAPTURE(response.ShortDebugString());
  REQUIRE(response.has_file_descriptor_response());
  std::vector<FileDescriptorProto> files;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    REQUIRE(files.emplace_back().ParseFromString(bytes));
  }
  return files;
}

std::vector<std::string> Names(const ServerReflectionResponse& response) {
  std::vector<std::string> names;
  for (const FileDescriptorProto& file : Files(response)) names.push_back(file.name());
  return names;
}

void AddSymbols(const EnumDescriptor& type, std::vector<std::string>& symbols) {
  symbols.push_back(type.full_name());
  for (int i = 0; i < type.value_count(); ++i) symbols.push_back(type.value(i)->full_name());
}

void AddSymbols(const Descriptor& type, std::vector<std::string>& symbols) {
  symbols.push_back(type.full_name());
  for (int i = 0; i < type.field_count(); ++i) symbols.push_back(type.field(i)->full_name());
  for (int i = 0; i < type.oneof_decl_count(); ++i) symbols.push_back(type.oneof_decl(i)->full_name());
  for (int i = 0; i < type.enum_type_count(); ++i) AddSymbols(*type.enum_type(i), symbols);
  for (int i = 0; i < type.nested_type_count(); ++i) AddSymbols(*type.nested_type(i), symbols);
}

std::vector<std::string> Symbols(const FileDescriptor& file) {
  std::vector<std::string> symbols;
  for (int i = 0; i < file.message_type_count(); ++i) AddSymbols(*file.message_type(i), symbols);
  for (int i = 0; i < file.enum_type_count(); ++i) AddSymbols(*file.enum_type(i), symbols);
  for (int i = 0; i < file.service_count(); ++i) {
    const ServiceDescriptor& service = *file.service(i);
    symbols.push_back(service.full_name());
    for (int j = 0; j < service.method_count(); ++j) symbols.push_back(service.method(j)->full_name());
  }
  return symbols;
}

// proto2, with a message that one file extends and another does, too.
class ExtendedFiles {
 public:
  ExtendedFiles() {
    FileDescriptorProto& base = *set_.add_file();
    base.set_name("base.proto");
    base.set_package("x");
    auto& message = *base.add_message_type();
    message.set_name("Base");
    message.add_extension_range()->set_start(100);
    message.mutable_extension_range(0)->set_end(200);
    base.add_message_type()->set_name("Closed");
    AddExtension("late.proto", "late", 150);
    AddExtension("early.proto", "early", 101);
    DescriptorPool pool;  // which says whether these files are sound
    for (const FileDescriptorProto& file : set_.file()) REQUIRE(pool.BuildFile(file) != nullptr);
    bytes_ = set_.SerializeAsString();
  }

  DescribedFiles Read() const { return DescribedFiles::Read(bytes_).value(); }

 private:
  void AddExtension(const std::string& file_name, const std::string& name, int number) {
    FileDescriptorProto& file = *set_.add_file();
    file.set_name(file_name);
    file.set_package("x");
    file.add_dependency("base.proto");
    FieldDescriptorProto& extension = *file.add_extension();
    extension.set_name(name);
    extension.set_number(number);
    extension.set_extendee(".x.Base");
    extension.set_type(FieldDescriptorProto::TYPE_INT32);
    extension.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  }

  google::protobuf::FileDescriptorSet set_;
  std::string bytes_;
};

TEST_CASE("the services are listed as they were given, whatever the text of the question") {
  ServerReflectionRequest request;
  request.set_list_services(GENERATE("", "*"));
  const ServerReflectionResponse response = Call().Ask(request);
  REQUIRE(response.list_services_response().service_size() == 2);
  CHECK(response.list_services_response().service(0).name() == "a.First");
  CHECK(response.list_services_response().service(1).name() == "b.Second");
}

// gRPC's plug-in puts the answer behind those that it gave before.
TEST_CASE("the same question again gets the same answer, and nothing of others") {
  ServerReflectionRequest list;
  list.set_list_services("");
  const ExtendedFiles extended;
  const DescribedFiles files = extended.Read();
  Call call(files);
  const ServerReflectionResponse listed = call.Ask(list);
  const ServerReflectionResponse numbered = call.ExtensionNumbers("x.Base");
  const ServerReflectionResponse found = call.FileByName("base.proto");
  for (int i = 0; i < 3; ++i) {
    CHECK(call.Ask(list).SerializeAsString() == listed.SerializeAsString());
    CHECK(call.ExtensionNumbers("x.Base").SerializeAsString() == numbered.SerializeAsString());
    CHECK(call.FileByName("base.proto").SerializeAsString() == found.SerializeAsString());
  }
}

TEST_CASE("every symbol of every served file leads to its file") {
  std::size_t longest = 0;
  for (const FileDescriptor* file : ServedFiles()) {
    const std::vector<std::string> symbols = Symbols(*file);
    REQUIRE(!symbols.empty());
    for (const std::string& symbol : symbols) {
      CAPTURE(symbol);
      longest = std::max(longest, symbol.size());
      CHECK(Names(Call().FileContaining(symbol)).front() == file->name());
    }
    CHECK(Names(Call().FileByName(file->name())).front() == file->name());
  }
  CHECK(longest > 40);
}

// protoc writes the names that fields have in JSON, also where they are derived; protobuf's own descriptors leave them out.
std::string WithoutJsonNames(const std::string& text) {
  return std::regex_replace(text, std::regex(R"( \[json_name = "[^"]*"\])"), "");
}

TEST_CASE("a client can build the very same files from an answer, and nothing is sent in it twice") {
  for (const FileDescriptor* file : ServedFiles()) {
    CAPTURE(file->name());
    const std::vector<FileDescriptorProto> files = Files(Call().FileByName(file->name()));
    google::protobuf::SimpleDescriptorDatabase database;
    for (const FileDescriptorProto& sent : files) REQUIRE(database.Add(sent));
    DescriptorPool pool(&database);
    const FileDescriptor* const built = pool.FindFileByName(file->name());
    REQUIRE(built != nullptr);
    CHECK(WithoutJsonNames(built->DebugString()) == file->DebugString());
  }
}

TEST_CASE("a call is sent an import once, and what it asks for every time") {
  const std::set<std::string> all = {"google/protobuf/any.proto", "google/rpc/status.proto",
                                     "iris/v1/prediction.proto"};
  Call call;
  std::vector<std::string> names = Names(call.FileContaining("iris.v1.PredictionService"));
  CHECK(names.front() == "iris/v1/prediction.proto");
  CHECK(names.size() == all.size());
  CHECK(std::set<std::string>(names.begin(), names.end()) == all);

  const std::vector<std::string> alone = {"iris/v1/prediction.proto"};
  CHECK(Names(call.FileContaining("iris.v1.PredictionService")) == alone);
  CHECK(Names(call.FileByName("iris/v1/prediction.proto")) == alone);
  CHECK(Names(call.FileByName("google/rpc/status.proto")) == std::vector<std::string>{"google/rpc/status.proto"});
  CHECK(Names(call.FileContaining("ml.IrisPredictor")) == std::vector<std::string>{"iris.proto"});

  CHECK(Names(Call().FileContaining("iris.v1.PredictionService")).size() == all.size());
}

TEST_CASE("an import that was sent for its own sake is not sent again, but what else is missing is") {
  Call call;
  CHECK(Names(call.FileByName("google/protobuf/any.proto")).size() == 1);
  CHECK(Names(call.FileByName("iris/v1/prediction.proto")) ==
        std::vector<std::string>{"iris/v1/prediction.proto", "google/rpc/status.proto"});
}

TEST_CASE("extensions are found by their numbers") {
  const ExtendedFiles extended;
  const DescribedFiles files = extended.Read();
  Call call(files);
  CHECK(Names(call.FileContaining("x.Base", 150)) == std::vector<std::string>{"late.proto", "base.proto"});
  CHECK(Names(call.FileContaining("x.Base", 101)) == std::vector<std::string>{"early.proto"});
  CHECK(Names(call.FileContaining("x.early")) == std::vector<std::string>{"early.proto"});

  const ServerReflectionResponse some = call.ExtensionNumbers("x.Base");
  CHECK(some.all_extension_numbers_response().base_type_name() == "x.Base");
  const auto& numbers = some.all_extension_numbers_response().extension_number();
  CHECK(std::vector<int>(numbers.begin(), numbers.end()) == std::vector<int>{101, 150});

  const ServerReflectionResponse none = call.ExtensionNumbers("x.Closed");
  CHECK(none.all_extension_numbers_response().base_type_name() == "x.Closed");
  CHECK(none.all_extension_numbers_response().extension_number_size() == 0);

  const std::pair<const char*, int> missing[] = {{"x.Base", 102}, {"x.Base", 0},   {"x.Base", -1}, {"x.Closed", 101},
                                                 {"x.early", 101}, {"x.None", 101}, {"", 0}};
  for (const auto& [type, number] : missing) {
    CAPTURE(type, number);
    CHECK(call.FileContaining(type, number).error_response().error_code() == kNotFound);
  }
}

TEST_CASE("what is not there is NOT_FOUND, named in the message, and the call goes on") {
  const std::string symbol = GENERATE(
      "ml.Nothing", "ml.IrisPredictor.Nothing", "ml.IrisPredictRequest.sepal_length.x", ".ml.IrisPredictor", "ml.",
      "ml..IrisPredictor", "ML.IRISPREDICTOR", "iris.proto", " ", ".", "\x01", "\xe2\x82\xac");
  CAPTURE(symbol);
  Call call;
  for (const ServerReflectionResponse& response : {call.FileContaining(symbol), call.FileByName(symbol + "/"),
                                                   call.ExtensionNumbers(symbol), call.FileContaining(symbol, 1)}) {
    CHECK(response.error_response().error_code() == kNotFound);
    CHECK_THAT(response.error_response().error_message(), ContainsSubstring("here"));
    CHECK(response.error_response().error_message().find('\x01') == std::string::npos);
  }
  CHECK_THAT(call.FileContaining("ml.Nothing").error_response().error_message(), ContainsSubstring("\"ml.Nothing\""));
  CHECK(Names(call.FileContaining("ml.IrisPredictor")) == std::vector<std::string>{"iris.proto"});
}

TEST_CASE("empty names are not there") {
  CHECK(Call().FileContaining("").error_response().error_code() == kNotFound);
  CHECK(Call().FileByName("").error_response().error_code() == kNotFound);
  CHECK(Call().ExtensionNumbers("").error_response().error_code() == kNotFound);
}

TEST_CASE("a package is no symbol") {
  Call call;
  REQUIRE(call.FileContaining("grpc.health.v1.Health").has_file_descriptor_response());
  for (const char* package : {"ml", "grpc", "grpc.health", "grpc.health.v1", "google.rpc", "inference"}) {
    CAPTURE(package);
    const ServerReflectionResponse response = call.FileContaining(package);
    CHECK(response.error_response().error_code() == kNotFound);
  }
}

// Protobuf's own pool takes hours for the first of these: it looks at every part up to a dot, and copies it.
TEST_CASE("names as long as a message are refused at once") {
  const std::string name = GENERATE(std::string(4 << 20, '.'), std::string(4 << 20, 'a'),
                                    "ml." + std::string(4 << 20, '.'));
  const auto start = std::chrono::steady_clock::now();
  Call call;
  for (const ServerReflectionResponse& response :
       {call.FileContaining(name), call.FileByName(name), call.ExtensionNumbers(name), call.FileContaining(name, 1)}) {
    CHECK(response.error_response().error_code() == kNotFound);
    CHECK(response.error_response().error_message().size() < 200);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("no question, or one from a later protocol, is UNIMPLEMENTED, and comes back as it was") {
  ServerReflectionRequest request;
  REQUIRE(request.ParseFromString(GENERATE(std::string(), std::string("\x0a\x01h"), std::string("\x42\x01q"))));
  const ServerReflectionResponse response = Call().Ask(request);
  CHECK(response.error_response().error_code() == kUnimplemented);
  CHECK_THAT(response.error_response().error_message(), ContainsSubstring("list_services"));
  CHECK(response.original_request().SerializeAsString() == request.SerializeAsString());
}

TEST_CASE("every answer has the question and its host in it") {
  ServerReflectionRequest request;
  request.set_host("iris.example");
  request.set_file_containing_symbol(GENERATE("ml.IrisPredictor", "ml.Nothing"));
  const ServerReflectionResponse response = Call().Ask(request);
  CHECK(response.valid_host() == "iris.example");
  CHECK(response.original_request().SerializeAsString() == request.SerializeAsString());
}

// What lets one implementation answer both.
TEST_CASE("v1 and v1alpha differ in the name of the package alone") {
  FileDescriptorProto v1;
  FileDescriptorProto v1alpha;
  ServerReflectionRequest::descriptor()->file()->CopyTo(&v1);
  grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file()->CopyTo(&v1alpha);
  std::string text = v1alpha.DebugString();
  for (std::size_t at = text.find("v1alpha"); at != std::string::npos; at = text.find("v1alpha")) text.erase(at + 2, 5);
  CHECK(text == v1.DebugString());
  CHECK(v1alpha.package() == "grpc.reflection.v1alpha");
}

}  // namespace
}  // namespace iris
