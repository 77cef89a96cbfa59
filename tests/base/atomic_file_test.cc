// SPDX-License-Identifier: Apache-2.0

#include "src/base/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "catch_amalgamated.hpp"
#include "src/base/staged_file.h"
#include "src/base/text.h"

namespace iris {
namespace {

namespace fs = std::filesystem;

/// A folder that lives as long as the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "iris-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
    return names;
  }

 private:
  std::string path_;
};

void Put(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777u;
}

TEST_CASE("a file is written, replaced, and nothing is left beside it") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.json";
  REQUIRE(WriteFileAtomically(path, "old"));
  CHECK(ReadFile(path, 100) == "old");
  const std::string large(3'000'000, 'n');
  REQUIRE(WriteFileAtomically(path, large));
  CHECK(ReadFile(path, large.size()) == large);
  REQUIRE(WriteFileAtomically(path, ""));
  CHECK(ReadFile(path, 0) == "");
  CHECK(folder.names() == std::vector<std::string>{"model.json"});
}

TEST_CASE("the mode of a replaced file stays, a new file follows the umask") {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(027);
  REQUIRE(WriteFileAtomically(folder / "new", "x"));
  CHECK(ModeOf(folder / "new") == 0640);
  REQUIRE(::chmod((folder / "new").c_str(), 0604) == 0);
  REQUIRE(WriteFileAtomically(folder / "new", "y"));
  CHECK(ModeOf(folder / "new") == 0604);
  ::umask(mask);
}

TEST_CASE("a symbolic link stays, its target is replaced") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "v1");
  Put(folder / "v1/model.json", "old");
  fs::create_symlink("v1/model.json", folder / "current");
  REQUIRE(WriteFileAtomically(folder / "current", "new"));
  CHECK(fs::is_symlink(folder / "current"));
  CHECK(ReadFile(folder / "v1/model.json", 10) == "new");

  fs::create_symlink("nowhere", folder / "dangling");
  const Result<void> dangling = WriteFileAtomically(folder / "dangling", "new");
  REQUIRE_FALSE(dangling);
  CHECK(dangling.error().code == ErrorCode::kIo);
  CHECK(dangling.error().message.contains("leads nowhere"));
}

TEST_CASE("what a killed run left is taken away, and not written into") {
  const TemporaryFolder folder;
  Put(folder / ".model.json.tmp", "half of a mod");
  Put(folder / "victim", "mine");
  fs::create_hard_link(folder / ".model.json.tmp", folder / "hard link");
  REQUIRE(WriteFileAtomically(folder / "model.json", "whole"));
  CHECK(ReadFile(folder / "model.json", 10) == "whole");
  CHECK(ReadFile(folder / "hard link", 100) == "half of a mod");
  CHECK_FALSE(fs::exists(folder / ".model.json.tmp"));

  // A planted link is neither followed nor trusted.
  fs::create_symlink("victim", folder / ".model.json.tmp");
  const Result<void> planted = WriteFileAtomically(folder / "model.json", "newer");
  REQUIRE_FALSE(planted);
  CHECK(planted.error().message.contains(".model.json.tmp"));
  CHECK(planted.error().message.contains("in the way"));
  CHECK(ReadFile(folder / "victim", 10) == "mine");
  CHECK(ReadFile(folder / "model.json", 10) == "whole");
}

TEST_CASE("a live writer is waited for, and given up on in the end") {
  const TemporaryFolder folder;
  const Descriptor open_folder(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  Result<StagedFile> first = StagedFile::Create(open_folder.get(), "f", 0600, std::chrono::milliseconds(0));
  REQUIRE(first);
  const Result<StagedFile> impatient = StagedFile::Create(open_folder.get(), "f", 0600, std::chrono::milliseconds(50));
  REQUIRE_FALSE(impatient);
  CHECK(impatient.error().code == ErrorCode::kIo);
  CHECK(impatient.error().message.contains("another process"));

  bool committed = false;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    committed = WriteAll(first->fd(), "first") == 0 && first->Commit().has_value();
    const StagedFile released = *std::move(first);  // its lock goes with it
  });
  CHECK(WriteFileAtomically(folder / "f", "second"));
  other.join();
  CHECK(committed);
  CHECK(ReadFile(folder / "f", 10) == "second");
  CHECK(folder.names() == std::vector<std::string>{"f"});
}

TEST_CASE("many writers at once leave one of their files, whole") {
  const TemporaryFolder folder;
  std::vector<std::thread> writers;
  std::vector<int> failures(4, 0);
  for (std::size_t w = 0; w < failures.size(); ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 25; ++i) {
        const std::string content(100'000, static_cast<char>('a' + w));
        if (!WriteFileAtomically(folder / "f", content)) ++failures[w];
        const Result<std::string> seen = ReadFile(folder / "f", 200'000);
        if (!seen || *seen != std::string(100'000, seen->front())) ++failures[w];
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(failures == std::vector<int>(4, 0));
  CHECK(folder.names() == std::vector<std::string>{"f"});
}

TEST_CASE("when the disk takes no more, the old file stays whole and the temporary one goes") {
  const TemporaryFolder folder;
  Put(folder / "f", "old");
  const pid_t child = ::fork();
  if (child == 0) {  // in a process of its own: the limit on file size stays with it
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 1000, .rlim_max = 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Result<void> written = WriteFileAtomically(folder / "f", std::string(5000, 'n'));
    const bool right = !written && written.error().code == ErrorCode::kIo &&
                       written.error().message == "cannot write " + (folder / "f") + ": " + SystemReason(EFBIG);
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(ReadFile(folder / "f", 10) == "old");
  CHECK(folder.names() == std::vector<std::string>{"f"});
}

TEST_CASE("what cannot be replaced is written into") {
  CHECK(WriteFileAtomically("/dev/null", "x"));
  CHECK(fs::is_character_file("/dev/null"));
  const Result<void> full = WriteFileAtomically("/dev/full", "x");
  REQUIRE_FALSE(full);
  CHECK(full.error() == Error{ErrorCode::kIo, "cannot write /dev/full: " + SystemReason(ENOSPC)});
}

TEST_CASE("writing where it cannot be done says why") {
  const TemporaryFolder folder;
  Put(folder / "file", "x");
  struct Case {
    std::string path;
    std::string reason;
  };
  for (const Case& c : {Case{folder.path(), "it is a directory"}, Case{folder / "no/f", "its folder cannot be opened"},
                        Case{folder / "file/f", SystemReason(ENOTDIR)}, Case{"", "a file name is missing"},
                        Case{folder / std::string(300, 'n'), SystemReason(ENAMETOOLONG)}}) {
    const Result<void> written = WriteFileAtomically(c.path, "y");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::kIo);
    CHECK_THAT(written.error().message, Catch::Matchers::ContainsSubstring(c.reason));
  }
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("reading says what is wrong") {
  const TemporaryFolder folder;
  Put(folder / "f", "12345");
  CHECK(ReadFile(folder / "f", 5) == "12345");
  CHECK(ReadFile(folder / "f", 4).error().code == ErrorCode::kBadData);
  CHECK(ReadFile("/dev/zero", 1000).error().code == ErrorCode::kBadData);
  CHECK(ReadFile(folder.path(), 5).error().code == ErrorCode::kBadData);
  CHECK(ReadFile(folder / "none", 5).error() ==
        Error{ErrorCode::kIo, "cannot open " + (folder / "none") + ": " + SystemReason(ENOENT)});
}

TEST_CASE("a pipe is read to its end") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const std::string content(200'000, 'p');
  std::thread writer([&] { std::ofstream(folder / "pipe") << content; });
  CHECK(ReadFile(folder / "pipe", 1'000'000) == content);
  writer.join();
}

}  // namespace
}  // namespace iris
