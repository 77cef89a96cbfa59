// SPDX-License-Identifier: Apache-2.0

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "catch_amalgamated.hpp"
#include "src/system/listener.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;

// A folder of this test's own, gone when it ends.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "iris-XXXXXX").string()) {
    REQUIRE(mkdtemp(path_.data()));
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

Result<Listener> Open(const std::string& path) {
  return Listener::Open({.host = "", .port = 0, .unix_path = path});
}

sockaddr_un Name(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  return name;
}

bool Connects(const std::string& path) {
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un name = Name(path);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

// What a server that was killed leaves behind: a socket that nobody listens on.
void LeaveStaleSocket(const std::string& path) {
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM, 0));
  const sockaddr_un name = Name(path);
  REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
}

TEST_CASE("a Unix socket is made, answers, and goes with its listener") {
  const Folder folder;
  const std::string path = folder / "s";
  {
    const Result<Listener> listener = Open(path);
    REQUIRE(listener);
    CHECK(listener->address() == "unix:" + path);
    CHECK(Connects(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket that a dead server left behind is replaced") {
  const Folder folder;
  const std::string path = folder / "s";
  LeaveStaleSocket(path);
  REQUIRE_FALSE(Connects(path));
  const Result<Listener> listener = Open(path);
  REQUIRE(listener);
  CHECK(Connects(path));
}

TEST_CASE("a socket that a live server answers is left alone") {
  const Folder folder;
  const std::string path = folder / "s";
  const Result<Listener> first = Open(path);
  REQUIRE(first);
  const Result<Listener> second = Open(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kInUse);
  CHECK_THAT(second.error().message, ContainsSubstring("another server answers there"));
  CHECK(Connects(path));
}

TEST_CASE("what is not a stream socket is never removed") {
  const Folder folder;
  const std::string path = folder / "s";
  const Descriptor datagram(socket(AF_UNIX, SOCK_DGRAM, 0));
  SECTION("a file") { std::ofstream(path) << "precious"; }
  SECTION("a link to a file") {
    std::ofstream(folder / "target") << "precious";
    std::filesystem::create_symlink(folder / "target", path);
  }
  SECTION("a folder") { std::filesystem::create_directory(path); }
  SECTION("a datagram socket") {
    const sockaddr_un name = Name(path);
    REQUIRE(bind(datagram.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  struct stat before {};
  REQUIRE(lstat(path.c_str(), &before) == 0);
  const Result<Listener> listener = Open(path);
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == ErrorCode::kIo);
  CHECK_THAT(listener.error().message, ContainsSubstring("choose another path with --listen unix:PATH"));
  struct stat after {};
  REQUIRE(lstat(path.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
}

TEST_CASE("a path that somebody else has taken since is not removed") {
  const Folder folder;
  const std::string path = folder / "s";
  {
    const Result<Listener> listener = Open(path);
    REQUIRE(listener);
    std::filesystem::rename(path, folder / "old");  // keeps the inode in use, so that the new one differs
    std::ofstream(path) << "another's";
  }
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a listener that was moved away removes nothing; the one it went to does") {
  const Folder folder;
  const std::string path = folder / "s";
  {
    Result<Listener> listener = Open(path);
    REQUIRE(listener);
    {
      const Listener moved = std::move(*listener);
      CHECK(Connects(path));
    }
    CHECK_FALSE(std::filesystem::exists(path));
    std::ofstream(path) << "new";
  }
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a folder that is not there, and a path that is too long, are explained") {
  const Folder folder;
  const Result<Listener> nowhere = Open(folder / "none/s");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == ErrorCode::kIo);
  CHECK_THAT(nowhere.error().message, ContainsSubstring("check that the folder exists"));

  const Result<Listener> too_long = Listener::Open({.host = "", .port = 0, .unix_path = std::string(108, 'a')});
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace iris
