// SPDX-License-Identifier: Apache-2.0

#include "src/system/readable_folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdlib>
#include <optional>

namespace iris {
namespace {

constexpr int kMostLinks = 40;  // as the kernel has it

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::optional<std::string> LinkTarget(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  if (size <= 0 || static_cast<std::size_t>(size) == target.size()) return std::nullopt;
  target.resize(static_cast<std::size_t>(size));
  return target.front() == '/' ? target : FolderOf(path) + "/" + target;
}

std::optional<std::string> RealPath(const std::string& path) {
  std::string real(PATH_MAX, '\0');
  if (realpath(path.c_str(), real.data()) == nullptr) return std::nullopt;
  real.resize(real.find('\0'));
  return real;
}

// Devices and processes: what a link there leads to is somewhere else, and added for itself.
bool IsOfTheSystem(const std::string& folder) {
  return folder == "/dev" || folder.starts_with("/dev/") || folder == "/proc" || folder.starts_with("/proc/");
}

class Folders {
 public:
  /// `folder` is a real path.
  void Add(const std::string& folder) {
    if (!IsOfTheSystem(folder) && std::ranges::find(list_, folder) == list_.end()) list_.push_back(folder);
  }

  /// The folder in which `file` is named, and the neighbourhood of every folder on the way that is a link.
  void AddWayTo(const std::string& file) {
    const std::string folder = FolderOf(file);
    const std::optional<std::string> real = RealPath(folder);
    if (!real) return;
    if (*real == "/") {
      if (const std::optional<std::string> itself = RealPath(file)) Add(*itself);
      return;
    }
    Add(*real);
    for (std::size_t end = folder.find('/', 1); ; end = folder.find('/', end + 1)) {
      AddNeighbourhood(folder.substr(0, end));
      if (end == std::string::npos) return;
    }
  }

  std::vector<std::string> Take() { return std::move(list_); }

 private:
  void AddNeighbourhood(const std::string& folder) {
    const std::optional<std::string> real = LinkTarget(folder) ? RealPath(folder) : std::nullopt;
    if (!real) return;
    const std::string around = FolderOf(*real);
    if (around.find('/', 1) != std::string::npos) Add(around);
  }

  std::vector<std::string> list_;
};

}  // namespace

std::vector<std::string> ReadableFolders(const std::string& file) {
  struct stat status{};
  if (file.empty() || stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  Folders folders;
  std::string path = file;
  for (int i = 0; i < kMostLinks; ++i) {
    folders.AddWayTo(path);
    const std::optional<std::string> target = LinkTarget(path);
    if (!target) break;
    path = *target;
  }
  return folders.Take();
}

}  // namespace iris
