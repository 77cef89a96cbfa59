// SPDX-License-Identifier: Apache-2.0
//
// A service manager that listens for notifications, at an abstract address unless told otherwise.

#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "catch_amalgamated.hpp"
#include "src/base/descriptor.h"
#include "src/system/notify.h"

namespace iris {

class Manager {
 public:
  /// `name` as in $NOTIFY_SOCKET; empty: an abstract address of its own.
  explicit Manager(std::string name = "")
      : name_(name.empty() ? "@iris-manager-" + std::to_string(::getpid()) + "-" + std::to_string(counter_++) : name),
        socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(name_.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, name_.data(), name_.size());
    if (name_[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }

  const std::string& name() const { return name_; }

  /// One that tells this manager.
  ServiceNotifier Notifier() const {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    return ServiceNotifier::FromEnvironment();
  }

  /// The next message; empty when none is there.
  std::string Receive() const {
    pollfd watched = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, 0) != 1) return "";
    char message[8192];
    const ssize_t size = ::recv(socket_.get(), message, sizeof message, 0);
    REQUIRE(size > 0);
    return {message, static_cast<std::size_t>(size)};
  }

 private:
  static inline int counter_ = 0;
  const std::string name_;
  const Descriptor socket_;
};

}  // namespace iris
