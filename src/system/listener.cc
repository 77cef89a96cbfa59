// SPDX-License-Identifier: Apache-2.0

#include "src/system/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace iris {

Listener::Listener(Descriptor fd, std::string address, std::optional<OwnedPath> owned_path)
    : fd_(std::move(fd)), address_(std::move(address)), owned_path_(std::move(owned_path)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this != &other) {
    RemovePath();
    fd_ = std::move(other.fd_);
    address_ = std::move(other.address_);
    owned_path_ = std::move(other.owned_path_);
  }
  return *this;
}

Listener::~Listener() { RemovePath(); }

// Requires a valid descriptor, so that a listener that was moved from leaves the path alone. The path goes before the
// descriptor: a client that finds the path then also finds somebody who listens.
void Listener::RemovePath() {
  if (!fd_ || !owned_path_) return;
  struct stat now {};
  if (lstat(owned_path_->path.c_str(), &now) == 0 && now.st_dev == owned_path_->device &&
      now.st_ino == owned_path_->inode) {
    unlink(owned_path_->path.c_str());
  }
}

Result<Listener> Listener::Open(const ListenAddress& address) {
  return address.unix_path.empty() ? OpenTcp(address) : OpenUnix(address.unix_path);
}

}  // namespace iris
