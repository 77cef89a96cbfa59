// SPDX-License-Identifier: Apache-2.0
//
// As little as a gRPC server can be: one thread, epoll, libnghttp2, one unary method. It parses each request, predicts,
// and answers with the messages and headers of gRPC's protocol; it has no deadlines, compression, limits, or anything
// else that a server needs. What it costs is what HTTP/2 costs.
// Usage: nghttp2_server MODEL [PORT]; prints "listening on 127.0.0.1:PORT" on standard error; ended by a signal.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "http2_connection.h"
#include "linear_model.h"

namespace {

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(69);
}

int Listen(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, SOMAXCONN) != 0 || getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("listening");
  }
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  return listener;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  const iris::bench::LinearModel model = iris::bench::LinearModel::Read(argv[1]);
  const int listener = Listen(argc > 2 ? std::atoi(argv[2]) : 0);
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{EPOLLIN, {.ptr = nullptr}};
  if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) != 0) Die("epoll");
  for (std::array<epoll_event, 256> events;;) {
    const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    if (ready < 0 && errno != EINTR) Die("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      auto* const connection = static_cast<iris::bench::Http2Connection*>(events[i].data.ptr);
      if (connection != nullptr) {
        const bool ended = (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        if (!connection->Serve(ended)) delete connection;  // closes the socket
        continue;
      }
      for (int socket; (socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        const int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto* const fresh = new iris::bench::Http2Connection(socket, model);
        event = {EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = fresh}};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) Die("epoll_ctl");
      }
    }
  }
}
