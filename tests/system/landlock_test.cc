// SPDX-License-Identifier: Apache-2.0

#include "src/system/landlock.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "catch_amalgamated.hpp"
#include "tests/system/confined_child.h"

namespace iris {
namespace {

namespace fs = std::filesystem;

/// A folder with in/file, in/below/file and out/file, until it goes.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "iris-landlock-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    root = name;
    for (const char* folder : {"in/below", "out"}) {
      fs::create_directories(root / folder);
      std::ofstream(root / folder / "file") << "text";
    }
    std::ofstream(root / "in/file") << "text";
  }
  ~Place() { fs::remove_all(root); }

  fs::path root;
};

int Open(const fs::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

/// In a child under `scope`: what `test` returns; 254 where this kernel has no Landlock.
template <typename Test>
int Under(const LandlockScope& scope, const Test& test) {
  return InChild([&] {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 255;
    const LandlockState state = RestrictWithLandlock(scope);
    return state.abi == 0 ? 254 : test(state);
  });
}

bool HasLandlock() {
  return Under({}, [](const LandlockState&) { return 0; }) == 0;
}

TEST_CASE("what is in a readable folder can be read, and nothing else") {
  if (!HasLandlock()) SKIP("this kernel has no Landlock");
  const Place place;
  const LandlockScope scope{.readable = {(place.root / "in").string()}};
  const auto opening = [&](const char* name, int flags) {
    return Under(scope, [&](const LandlockState&) { return Open(place.root / name, flags); });
  };
  CHECK(opening("in/file", O_RDONLY) == 0);
  CHECK(opening("in/below/file", O_RDONLY) == 0);
  CHECK(opening("out/file", O_RDONLY) == EACCES);
  CHECK(opening("in/../out/file", O_RDONLY) == EACCES);
  CHECK(opening("in/file", O_WRONLY) == EACCES);
  CHECK(opening("in/new", O_WRONLY | O_CREAT) == EACCES);
  CHECK(opening("in", O_RDONLY | O_DIRECTORY) == 0);
  CHECK(opening("out", O_RDONLY | O_DIRECTORY) == EACCES);
  CHECK(Under(scope, [](const LandlockState&) { return Open("/etc/passwd", O_RDONLY); }) == EACCES);
}

TEST_CASE("a file that was put into a readable folder afterwards can be read") {
  if (!HasLandlock()) SKIP("this kernel has no Landlock");
  const Place place;
  int ready[2];
  int go[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(go) == 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const LandlockState state = RestrictWithLandlock({.readable = {(place.root / "in").string()}});
    if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(255);
    _exit(Open(place.root / "in/file", O_RDONLY));
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  std::ofstream(place.root / "new") << "newer";
  fs::rename(place.root / "new", place.root / "in/file");
  REQUIRE(write(go[1], &byte, 1) == 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  for (const int fd : {ready[0], ready[1], go[0], go[1]}) close(fd);
}

TEST_CASE("removing takes a folder of its own") {
  if (!HasLandlock()) SKIP("this kernel has no Landlock");
  const Place place;
  const LandlockScope scope{.removable = {(place.root / "out").string()}};
  const auto removing = [&](const char* name) {
    return Under(scope, [&](const LandlockState&) { return unlink((place.root / name).c_str()) == 0 ? 0 : errno; });
  };
  CHECK(removing("in/file") == EACCES);
  CHECK(removing("out/file") == 0);
}

TEST_CASE("a process can still ask about itself, not about others") {
  if (!HasLandlock()) SKIP("this kernel has no Landlock");
  CHECK(Under({}, [](const LandlockState&) { return Open("/proc/self/stat", O_RDONLY); }) == 0);
  CHECK(Under({}, [](const LandlockState&) { return Open("/proc/self/fd", O_RDONLY | O_DIRECTORY); }) == 0);
  CHECK(Under({}, [](const LandlockState&) { return Open("/proc/stat", O_RDONLY); }) == 0);
  const std::string other = "/proc/" + std::to_string(getpid()) + "/stat";
  CHECK(Under({}, [&](const LandlockState&) { return Open(other, O_RDONLY); }) == EACCES);
}

constexpr int kOld = 253;  // the kernel's Landlock knows nothing of it

TEST_CASE("no TCP socket is bound or connected, and no other process gets a signal") {
  if (!HasLandlock()) SKIP("this kernel has no Landlock");
  const auto with_socket = [](auto call) {
    return Under({}, [&](const LandlockState& state) {
      if (state.abi < 4) return kOld;
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(9);
      return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
    });
  };
  const int bound = with_socket([](int fd, const sockaddr* address, socklen_t size) { return bind(fd, address, size); });
  CHECK((bound == EACCES || bound == kOld));
  const int connected =
      with_socket([](int fd, const sockaddr* address, socklen_t size) { return connect(fd, address, size); });
  CHECK((connected == EACCES || connected == kOld));
  const pid_t parent = getpid();
  const int signalled = Under({}, [&](const LandlockState& state) {
    return state.abi < 6 ? kOld : kill(parent, SIGCONT) == 0 ? 0 : errno;
  });
  CHECK((signalled == EPERM || signalled == kOld));
}

}  // namespace
}  // namespace iris
