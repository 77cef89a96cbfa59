// SPDX-License-Identifier: Apache-2.0

#include "src/base/directory.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

namespace fs = std::filesystem;

/// Makes folders in an empty one, which is gone afterwards.
class InEmptyFolder {
 public:
  InEmptyFolder() {
    std::string pattern = (fs::temp_directory_path() / "iris-directory-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
  }
  ~InEmptyFolder() { fs::remove_all(root_); }
  InEmptyFolder(const InEmptyFolder&) = delete;
  InEmptyFolder& operator=(const InEmptyFolder&) = delete;

  std::string Path(const std::string& name) const { return root_ + "/" + name; }

 private:
  std::string root_;
};

TEST_CASE("folders are made with all above them, and those that are there stay", "[directory]") {
  const InEmptyFolder in;
  for (const char* name : {"a/b/c", "a/b/c", "a", "d/", "e//f", "a/b/d/."}) {
    INFO(name);
    CHECK(MakeDirectories(in.Path(name)));
    CHECK(fs::is_directory(in.Path(name)));
  }
  std::ofstream(in.Path("a/b/kept")) << "x";
  fs::create_directory_symlink("a", in.Path("link"));
  CHECK(MakeDirectories(in.Path("link/b/through")));
  CHECK(fs::is_directory(in.Path("a/b/through")));
  CHECK(fs::exists(in.Path("a/b/kept")));
}

TEST_CASE("a relative path and the root are folders, too", "[directory]") {
  CHECK(MakeDirectories("."));
  CHECK(MakeDirectories("/"));
}

TEST_CASE("what is in the way is named", "[directory]") {
  const InEmptyFolder in;
  std::ofstream(in.Path("file")) << "x";
  for (const char* name : {"file", "file/a", "file/a/b"}) {
    const Result<void> made = MakeDirectories(in.Path(name));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::kIo);
    CHECK(made.error().message ==
          "cannot make the folder " + in.Path("file") + ": there is a file of that name");
  }
  const Result<void> refused = MakeDirectories("/proc/iris-predictor/a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.starts_with("cannot make the folder /proc/iris-predictor: "));
}

}  // namespace
}  // namespace iris
