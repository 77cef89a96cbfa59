// SPDX-License-Identifier: Apache-2.0

#include "src/system/readable_folders.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

namespace fs = std::filesystem;

class ReadableFoldersTest {
 public:
  ReadableFoldersTest() {
    std::string name = (fs::canonical(fs::temp_directory_path()) / "iris-folders-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
  }
  ~ReadableFoldersTest() { fs::remove_all(root_); }

 protected:
  std::string Write(const std::string& name) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << "text";
    return At(name);
  }
  std::string Link(const std::string& name, const std::string& target) {
    fs::create_directories((root_ / name).parent_path());
    fs::create_symlink(target, root_ / name);
    return At(name);
  }
  std::string At(const std::string& name) const { return (root_ / name).string(); }

  fs::path root_;
};

using Folders = std::vector<std::string>;

TEST_CASE_METHOD(ReadableFoldersTest, "a plain file needs its folder") {
  CHECK(ReadableFolders(Write("models/iris.json")) == Folders{At("models")});
}

TEST_CASE_METHOD(ReadableFoldersTest, "certbot: the folder of the link, and that of the file behind it") {
  Write("archive/host/fullchain3.pem");
  CHECK(ReadableFolders(Link("live/host/fullchain.pem", "../../archive/host/fullchain3.pem")) ==
        Folders{At("live/host"), At("archive/host")});
}

TEST_CASE_METHOD(ReadableFoldersTest, "a Kubernetes volume: whatever ..data will lead to lies below") {
  Write("tls/..2026_05_04/tls.crt");
  Link("tls/..data", "..2026_05_04");
  const Folders folders = ReadableFolders(Link("tls/tls.crt", "..data/tls.crt"));
  REQUIRE_FALSE(folders.empty());
  CHECK(folders.front() == At("tls"));
}

TEST_CASE_METHOD(ReadableFoldersTest, "releases that a link is switched between") {
  Write("releases/42/model.json");
  Link("current", "releases/42");
  CHECK(ReadableFolders(At("current/model.json")) == Folders{At("releases/42"), At("releases")});
}

TEST_CASE("a link never makes the root readable, or a folder right below it") {
  // Wherever the place of temporary files really is, a link that leads to the root leads to /etc.
  const std::string link = "/tmp/iris-folders-link-" + std::to_string(getpid());
  fs::create_symlink("/etc", link);
  CHECK(ReadableFolders(link + "/passwd") == Folders{"/etc"});
  fs::remove(link);
}

TEST_CASE_METHOD(ReadableFoldersTest, "links that lead in a circle, and what is no file, need nothing") {
  Link("a", "b");
  Link("b", "a");
  CHECK(ReadableFolders(At("a")).empty());
  CHECK(ReadableFolders(At("missing")).empty());
  CHECK(ReadableFolders("").empty());
  CHECK(ReadableFolders("/dev/null").empty());
}

TEST_CASE_METHOD(ReadableFoldersTest, "a name without a folder is of the working folder") {
  const fs::path before = fs::current_path();
  Write("here/model.json");
  fs::current_path(root_ / "here");
  CHECK(ReadableFolders("model.json") == Folders{At("here")});
  fs::current_path(before);
}

}  // namespace
}  // namespace iris
