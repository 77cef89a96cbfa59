// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "catch_amalgamated.hpp"
#include "src/base/atomic_file.h"
#include "src/cli/embedded_files.h"
#include "tests/cli/run.h"

namespace iris {
namespace {

namespace fs = std::filesystem;

TEST_CASE("the embedded .proto files are whole, and import nothing that is not among them", "[print]") {
  std::set<std::string> paths;
  for (const EmbeddedFile& file : EmbeddedProtos()) CHECK(paths.insert(std::string(file.path)).second);
  for (const EmbeddedFile& file : EmbeddedProtos()) {
    INFO(file.path);
    CHECK(file.text.starts_with("// SPDX-License-Identifier: Apache-2.0\n"));
    CHECK(file.text.ends_with("}\n"));
    CHECK(file.text.find('\0') == std::string_view::npos);
    constexpr std::string_view kImport = "\nimport \"";
    for (std::size_t at = file.text.find(kImport); at != std::string_view::npos; at = file.text.find(kImport, at + 1)) {
      const std::string_view rest = file.text.substr(at + kImport.size());
      const std::string imported(rest.substr(0, rest.find('"')));
      CHECK((paths.contains(imported) || imported.starts_with("google/protobuf/")));
    }
  }
}

TEST_CASE("all are printed behind a line with their name, one byte for byte", "[print]") {
  std::string all;
  for (const EmbeddedFile& file : EmbeddedProtos()) {
    all += (all.empty() ? "// ==== " : "\n// ==== ") + std::string(file.path) + " ====\n" + std::string(file.text);
    const Outcome one = Run({"print", "proto", std::string(file.path)});
    CHECK(one.output == file.text);
    CHECK(one.exit_code == 0);
  }
  const Outcome outcome = Run({"print", "proto"});
  CHECK(outcome.output == all);
  CHECK(outcome.messages.empty());
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("files are written into a folder, which may be there", "[print]") {
  std::string folder = (fs::temp_directory_path() / "iris-print-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string out = folder + "/a/b";
  const Outcome first = Run({"print", "proto", "--out", out});
  CHECK(first.exit_code == 0);
  std::string told;
  for (const EmbeddedFile& file : EmbeddedProtos()) {
    const std::string path = out + "/" + std::string(file.path);
    told += "wrote " + path + "\n";
    CHECK(ReadFile(path, 1 << 20) == std::string(file.text));
  }
  CHECK(first.output == told);
  CHECK(Run({"print", "proto", "--out", out + "/"}).output == told);

  const std::string one = folder + "/one";
  CHECK(Run({"print", "proto", "iris.proto", "--out", one}).output == "wrote " + one + "/iris.proto\n");
  CHECK(std::distance(fs::recursive_directory_iterator(one), {}) == 1);
  const Outcome blocked = Run({"print", "proto", "--out", one + "/iris.proto"});
  CHECK(blocked.exit_code == 74);
  CHECK(blocked.output.empty());
  CHECK(blocked.messages.ends_with(one + "/iris.proto: there is a file of that name\n"));
  fs::remove_all(folder);
}

TEST_CASE("what cannot be printed is answered with what was meant", "[print]") {
  const std::string help = "'iris-predictor print --help' lists ";
  CheckRefused({"print"}, "print needs to know what, as in 'iris-predictor print proto'; " + help + "all there is");
  CheckRefused({"print", "protos"}, "unknown subject 'protos'; did you mean 'proto'?");
  CheckRefused({"print", "money"}, "unknown subject 'money'; " + help + "the subjects");
  CheckRefused({"print", "proto", "iris.protp"}, "unknown .proto file 'iris.protp'; did you mean 'iris.proto'?");
  CheckRefused({"print", "proto", "inference.proto"},
               "unknown .proto file 'inference.proto'; did you mean 'inference/inference.proto'?");
  CheckRefused({"print", "proto", "model.json"}, "unknown .proto file 'model.json'; " + help + "the .proto files");
  CheckRefused({"print", "proto", ""}, "unknown .proto file ''; " + help + "the .proto files");
  CheckRefused({"print", "proto", "iris.proto", "iris.proto"},
               "unexpected argument 'iris.proto'; 'iris-predictor print --help' shows what print takes");
}

}  // namespace
}  // namespace iris
