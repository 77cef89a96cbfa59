// SPDX-License-Identifier: Apache-2.0

#include "src/system/confinement.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

#include "src/base/text.h"
#include "src/system/readable_folders.h"
#include "src/system/seccomp_filter.h"
#include "src/system/serving_calls.h"

namespace iris {
namespace {

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void Add(std::vector<std::string>& to, std::vector<std::string> more) {
  for (std::string& text : more) {
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
  }
}

void AddPart(std::string& list, const std::string& part) { list += (list.empty() ? "" : ", ") + part; }

}  // namespace

Confinement Confinement::Enter(const ConfinementNeeds& needs) {
  Confinement confinement;
  LandlockScope scope{.abstract_sockets = needs.abstract_sockets};
  for (const std::string& file : needs.files) Add(scope.readable, ReadableFolders(file));
  for (const std::string& path : needs.unix_sockets) Add(scope.removable, {FolderOf(path)});
  // Before the other two, which ask for it: otherwise they could be used to confuse a program that has more privileges.
  confinement.no_new_privileges_ = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (!confinement.no_new_privileges_) {
    confinement.missing_ = "no-new-privileges and what builds on it (" + SystemReason(errno) + ")";
    return confinement;
  }
  confinement.landlock_ = RestrictWithLandlock(scope);
  if (confinement.landlock_abi() == 0) AddPart(confinement.missing_, "Landlock (" + confinement.landlock_.missing + ")");
  for (const std::string& path : scope.readable) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) continue;
    confinement.readable_.push_back({.path = path, .device = status.st_dev, .inode = status.st_ino});
  }
  // After Landlock, whose calls it does not allow.
  const std::vector<CallRule> rules = ServingCalls(!needs.unix_sockets.empty());
  const SeccompState filter = InstallFilter(CompileFilter(rules));
  if (filter.on) confinement.system_calls_ = CountAllowed(rules);
  if (!filter.on) AddPart(confinement.missing_, "seccomp (" + filter.missing + ")");
  return confinement;
}

std::string Confinement::Describe() const {
  std::string parts;
  if (no_new_privileges_) AddPart(parts, "no-new-privileges");
  if (landlock_abi() > 0) AddPart(parts, "Landlock ABI " + std::to_string(landlock_abi()));
  if (system_calls_ > 0) AddPart(parts, "seccomp with " + std::to_string(system_calls_) + " system calls");
  if (parts.empty()) parts = "not at all";
  return "confined: " + parts + (missing_.empty() ? "" : "; without " + missing_);
}

Error Confinement::Explain(Error error, const std::vector<std::string>& files) const {
  if (landlock_abi() == 0) return error;
  for (const std::string& file : files) {
    if (file.empty() || MayRead(file)) continue;
    std::string folders;
    for (const Readable& readable : readable_) AddPart(folders, readable.path);
    error.message += "; " + file + " now lies outside what this server may read since it confined itself at its start (" +
                     folders + "): put it there, or restart the server";
    return error;
  }
  return error;
}

// As Landlock decides: by what the folders on the way are, not by what they are called. What is not there is no matter
// of confinement.
bool Confinement::MayRead(const std::string& file) const {
  std::string path(PATH_MAX, '\0');
  if (realpath(file.c_str(), path.data()) == nullptr) return true;
  path.resize(path.find('\0'));
  for (;; path = FolderOf(path)) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return true;
    const bool readable = std::ranges::any_of(readable_, [&status](const Readable& known) {
      return known.device == status.st_dev && known.inode == status.st_ino;
    });
    if (readable) return true;
    if (path == "/") return false;
  }
}

}  // namespace iris
