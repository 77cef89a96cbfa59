// SPDX-License-Identifier: Apache-2.0
//
// What the kernel takes for a message there and one back over a loopback TCP connection, with nothing in between: the
// limit for the latency of any server, and for batches the time of copying their bytes.
//   serve                            prints "listening on 127.0.0.1:PORT" on standard error; a thread a connection
//   port=P bytes=N reply=M count=K warm=W pause=SECONDS   prints {"seconds": [[…]]}, a time each
// A connection begins with N and M as 32-bit numbers.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <thread>
#include <vector>

#include "arguments.h"
#include "loopback.h"
#include "measurement.h"

namespace {

using Sizes = std::array<std::uint32_t, 2>;

bool ReadAll(int socket, void* to, std::size_t size) {
  for (auto* at = static_cast<char*>(to); size > 0;) {
    const ssize_t got = recv(socket, at, size, 0);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool WriteAll(int socket, const void* from, std::size_t size) {
  for (auto* at = static_cast<const char*>(from); size > 0;) {
    const ssize_t put = send(socket, at, size, MSG_NOSIGNAL);
    if (put <= 0) return false;
    at += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

void Echo(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Sizes sizes{};
  if (ReadAll(socket, sizes.data(), sizeof sizes)) {
    std::vector<char> request(sizes[0]);
    const std::vector<char> reply(sizes[1]);
    while (ReadAll(socket, request.data(), request.size()) && WriteAll(socket, reply.data(), reply.size())) {
    }
  }
  close(socket);
}

int Serve() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("listening");
    return 69;
  }
  std::fprintf(stderr, "listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  for (int socket; (socket = accept(listener, nullptr, nullptr)) >= 0;) std::thread(Echo, socket).detach();
  return 69;
}

int Fail(const char* what) {
  std::perror(what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "serve") return Serve();
  const iris::bench::Arguments arguments(argc, argv);
  const int connection = iris::bench::ConnectToLoopback(static_cast<int>(arguments.Number("port", 0)));
  if (connection < 0) return Fail("connecting");
  const Sizes sizes{static_cast<std::uint32_t>(arguments.Number("bytes", 1)),
                    static_cast<std::uint32_t>(arguments.Number("reply", 1))};
  if (!WriteAll(connection, sizes.data(), sizeof sizes)) return Fail("greeting");
  const std::vector<char> request(sizes[0]);
  std::vector<char> reply(sizes[1]);
  const int warm = static_cast<int>(arguments.Number("warm", 0));
  const int count = static_cast<int>(arguments.Number("count", 1));
  const std::chrono::duration<double> pause(arguments.Number("pause", 0));
  std::vector<double> seconds;
  for (int turn = -warm; turn < count; ++turn) {
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    const double start = iris::bench::WallSeconds();
    if (!WriteAll(connection, request.data(), request.size()) || !ReadAll(connection, reply.data(), reply.size())) {
      return Fail("exchanging messages");
    }
    if (turn >= 0) seconds.push_back(iris::bench::WallSeconds() - start);
  }
  std::printf("{\"seconds\":[%s]}\n", iris::bench::JsonArray(seconds).c_str());
}
