// SPDX-License-Identifier: Apache-2.0

#include "src/system/confinement.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "tests/system/confined_child.h"

namespace iris {
namespace {

namespace fs = std::filesystem;

/// In a confined child: what `test` returns.
template <typename Test>
int Confined(const ConfinementNeeds& needs, const Test& test) {
  return InChild([&] {
    const Confinement confinement = Confinement::Enter(needs);
    return test(confinement);
  });
}

/// 0, or errno, of a system call in a confined child; 1000 + the signal that ended it.
template <typename... Arguments>
int Calling(long number, Arguments... arguments) {
  return Confined({}, [&](const Confinement&) { return syscall(number, arguments...) < 0 ? errno : 0; });
}

TEST_CASE("it says what is in force") {
  CHECK(Confinement().Describe() == "confined: not at all");
  CHECK(Confinement().complete());
  CHECK(Confinement().system_calls() == 0);
  const int good = Confined({}, [](const Confinement& confinement) {
    const std::string text = confinement.Describe();
    const bool filter = confinement.system_calls() > 0;
    return confinement.no_new_privileges() && text.starts_with("confined: no-new-privileges") &&
                   filter == text.contains("seccomp with " + std::to_string(confinement.system_calls())) &&
                   (confinement.landlock_abi() > 0) == text.contains("Landlock ABI") &&
                   confinement.complete() != text.contains("without")
               ? 0
               : 1;
  });
  CHECK(good == 0);
}

TEST_CASE("foreign code finds no way in") {
  if (Confined({}, [](const Confinement& c) { return c.system_calls() > 0 ? 0 : 1; }) != 0) SKIP("no seccomp here");
  constexpr int kKilled = 1000 + SIGSYS;
#ifndef IRIS_SANITIZED  // whose runtime makes most of these calls itself
  CHECK(Calling(SYS_execve, "/bin/true", nullptr, nullptr) == kKilled);
  CHECK(Calling(SYS_ptrace, 0, 0, 0, 0) == kKilled);
  CHECK(Calling(SYS_clone, SIGCHLD, 0, 0, 0, 0) == kKilled);  // fork
  CHECK(Calling(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == EPERM);
  CHECK(Calling(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == 0);
#if defined(__x86_64__)
  CHECK(Calling(SYS_open, "/tmp/iris-confinement-test", O_WRONLY | O_CREAT, 0600) == EPERM);
#else
  CHECK(Calling(SYS_openat, AT_FDCWD, "/tmp/iris-confinement-test", O_WRONLY | O_CREAT, 0600) == EPERM);
#endif
  CHECK(Calling(SYS_socket, AF_INET, SOCK_STREAM, 0) == ENOSYS);
#ifdef __GLIBC__  // whose threads name themselves by it
  CHECK(Calling(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) == EPERM);
#else
  CHECK(Calling(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0) == ENOSYS);
#endif
  CHECK(Calling(SYS_kill, getppid(), 0) == ENOSYS);
#endif
  CHECK(Calling(SYS_execveat, -1, "", nullptr, nullptr, 0) == kKilled);
  CHECK(Calling(SYS_unshare, CLONE_NEWUSER) == kKilled);
  CHECK(Calling(SYS_bpf, 0, nullptr, 0) == kKilled);
  CHECK(Calling(SYS_memfd_create, "x", 0) == ENOSYS);
  CHECK(Calling(SYS_unlinkat, AT_FDCWD, "/tmp/iris-confinement-test", 0) == ENOSYS);
}

TEST_CASE("threads, memory, time and the end go on as before") {
  const int good = Confined({}, [](const Confinement&) {
    int sum = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&sum, i] {
        if (i == 0) sum = static_cast<int>(std::vector<char>(8 << 20, 'x').size() >> 20);
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return sum == 8 ? 0 : 1;
  });
  CHECK(good == 0);
  const auto abort = [](const Confinement&) -> int {
    std::signal(SIGABRT, SIG_DFL);  // Catch2 has something to say otherwise
    std::abort();
  };
  CHECK(Confined({}, abort) == 1000 + SIGABRT);
}

TEST_CASE("files that are read again can be, and who moved them is told") {
  std::string root = (fs::temp_directory_path() / "iris-confinement-XXXXXX").string();
  REQUIRE(mkdtemp(root.data()) != nullptr);
  for (const char* folder : {"/in", "/out"}) {
    fs::create_directories(root + folder);
    std::ofstream(root + folder + "/file") << "text";
  }
  fs::create_symlink(root + "/in/file", root + "/in/link");
  const auto message = [&](const std::string& file, const std::string& expected) {
    return Confined({.files = {root + "/in/file"}}, [&](const Confinement& confinement) {
      if (confinement.landlock_abi() == 0) return 0;
      const Error error = confinement.Explain({ErrorCode::kIo, "cannot open it", {}}, {"", file});
      const bool opens = open(file.c_str(), O_RDONLY | O_CLOEXEC) >= 0;
      return error.message.contains(expected) && opens == (error.message == "cannot open it") ? 0 : 1;
    });
  };
  CHECK(message(root + "/in/file", "cannot open it") == 0);
  CHECK(message(root + "/in/link", "cannot open it") == 0);
  CHECK(message(root + "/out/file", "out/file now lies outside what this server may read") == 0);
  fs::remove_all(root);
}

TEST_CASE("the path of a Unix socket can be removed in the end") {
  std::string root = (fs::temp_directory_path() / "iris-confinement-XXXXXX").string();
  REQUIRE(mkdtemp(root.data()) != nullptr);
  const std::string path = root + "/socket";
  std::ofstream(path) << "";
  CHECK(Confined({}, [&](const Confinement&) { return unlink(path.c_str()) == 0 ? 0 : 1; }) == 1);
  CHECK(Confined({.unix_sockets = {path}}, [&](const Confinement&) { return unlink(path.c_str()) == 0 ? 0 : 1; }) == 0);
  fs::remove_all(root);
}

}  // namespace
}  // namespace iris
