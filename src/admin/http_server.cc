// SPDX-License-Identifier: Apache-2.0
//
// libmicrohttpd, driven by a thread of our own: it reads, parses and answers; which connections may stay is decided here.

#include "src/admin/http_server.h"

#include <microhttpd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <list>
#include <system_error>
#include <thread>
#include <utility>

#include "src/base/descriptor.h"
#include "src/base/text.h"

namespace iris {
namespace {

using Clock = std::chrono::steady_clock;

// The library takes no more connections than that at once; above the second number the idlest is closed for each new one.
constexpr unsigned kMostConnections = 64;
constexpr std::size_t kEvictAbove = 48;
// How long a connection may be without finishing a request: idle, or slow. Longer than the minute that scrapers usually
// let pass, so that they keep theirs; those who are slow on purpose are evicted when there are many.
constexpr std::chrono::seconds kMostSilence{75};
// The same before the first request of a connection is finished.
constexpr std::chrono::seconds kMostForFirst{10};
// How often that is looked at while there are connections.
constexpr std::chrono::milliseconds kLookEvery{500};
// How long the listener rests when the system has nothing left to accept with.
constexpr int kPauseMilliseconds = 100;
// Of a connection: request line, headers, and the headers of the answer.
constexpr std::size_t kConnectionBytes = std::size_t{8} << 10;

constexpr const char* kMethods = "GET, HEAD";

// What is known of one connection.
struct Peer {
  int fd;
  Clock::time_point since;  // it came, or its last request was finished
  bool served = false;      // it has had an answer
  bool closing = false;
};

class MicroHttpServer final : public HttpServer {
 public:
  MicroHttpServer(Listener listener, std::vector<HttpPage> pages, Descriptor stop)
      : listener_(std::move(listener)), pages_(std::move(pages)), stop_(std::move(stop)) {}
  MicroHttpServer(const MicroHttpServer&) = delete;
  MicroHttpServer& operator=(const MicroHttpServer&) = delete;

  ~MicroHttpServer() override {
    if (thread_.joinable()) {
      eventfd_write(stop_.get(), 1);
      thread_.join();
    }
    if (daemon_ == nullptr) return;
    MHD_quiesce_daemon(daemon_);  // it would close the listener, which is not its own
    MHD_stop_daemon(daemon_);
  }

  Result<void> Start() {
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL, 0, nullptr, nullptr, &OnRequest, this, MHD_OPTION_LISTEN_SOCKET,
        listener_.fd(), MHD_OPTION_CONNECTION_LIMIT, kMostConnections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        kConnectionBytes, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, &LeaveEscaped, nullptr,
        MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, this,
        MHD_OPTION_NOTIFY_COMPLETED, &OnFinished, this, MHD_OPTION_END);
    const MHD_DaemonInfo* const info =
        daemon_ == nullptr ? nullptr : MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr) {
      return Fail(ErrorCode::kIo, "cannot start the admin endpoint: " + SystemReason(errno) +
                                      "; raise the limit on descriptors (ulimit -n, LimitNOFILE=)");
    }
    events_ = info->epoll_fd;
    try {
      thread_ = std::thread([this] { Run(); });
    } catch (const std::system_error& error) {
      return Fail(ErrorCode::kIo, "cannot start the admin endpoint's thread: " + SystemReason(error.code().value()) +
                                      "; raise the limit on processes (ulimit -u, TasksMax=)");
    }
    return {};
  }

 private:
  void Run() {
    std::array<pollfd, 2> watched = {
        {{.fd = stop_.get(), .events = POLLIN, .revents = 0}, {.fd = events_, .events = POLLIN, .revents = 0}}};
    std::uint64_t accepted = 0;
    for (;;) {
      // Where a connection is there but cannot be taken, for want of descriptors, asking again at once would spin.
      const bool stuck = watched[1].revents != 0 && peers_.empty() && accepted_ == accepted;
      accepted = accepted_;
      watched[1].revents = 0;
      poll(watched.data(), stuck ? 1 : watched.size(), stuck ? kPauseMilliseconds : PollTimeout());
      if (watched[0].revents != 0) return;
      MHD_run(daemon_);
      CloseSilent();
    }
  }

  // Milliseconds; -1: until something happens.
  int PollTimeout() const {
    int timeout = peers_.empty() ? -1 : static_cast<int>(kLookEvery.count());
    MHD_UNSIGNED_LONG_LONG wanted = 0;
    if (MHD_get_timeout(daemon_, &wanted) == MHD_NO) return timeout;
    const int bounded = static_cast<int>(std::min<MHD_UNSIGNED_LONG_LONG>(wanted, kLookEvery.count()));
    return timeout < 0 ? bounded : std::min(timeout, bounded);
  }

  // Its end is noticed by the library, which then lets go of it.
  static void Close(Peer& peer) {
    if (!std::exchange(peer.closing, true)) shutdown(peer.fd, SHUT_RDWR);
  }

  void CloseSilent() {
    const Clock::time_point now = Clock::now();
    for (Peer& peer : peers_) {
      if (now - peer.since > (peer.served ? kMostSilence : kMostForFirst)) Close(peer);
    }
  }

  // Makes room: those that wait for longest are at the front.
  void CloseIdlest() {
    const auto staying = [](const Peer& peer) { return !peer.closing; };
    if (static_cast<std::size_t>(std::ranges::count_if(peers_, staying)) <= kEvictAbove) return;
    Close(*std::ranges::find_if(peers_, staying));
  }

  // Paths are compared as they were sent: none of ours needs an escape.
  static std::size_t LeaveEscaped(void*, MHD_Connection*, char* text) { return std::strlen(text); }

  static void OnConnection(void* self, MHD_Connection* connection, void** context, MHD_ConnectionNotificationCode code) {
    auto& server = *static_cast<MicroHttpServer*>(self);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
      const int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
      server.peers_.push_back({.fd = fd, .since = Clock::now()});
      *context = &server.peers_.back();
      ++server.accepted_;
      server.CloseIdlest();
    } else if (const auto* const peer = static_cast<Peer*>(std::exchange(*context, nullptr)); peer != nullptr) {
      server.peers_.remove_if([peer](const Peer& other) { return &other == peer; });
    }
  }

  // A request is answered, or was given up.
  static void OnFinished(void* self, MHD_Connection* connection, void** /*request*/, MHD_RequestTerminationCode) {
    auto& peers = static_cast<MicroHttpServer*>(self)->peers_;
    const auto* const context = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    const auto* const peer = static_cast<Peer*>(context->socket_context);
    const auto found = std::ranges::find_if(peers, [peer](const Peer& other) { return &other == peer; });
    if (found == peers.end()) return;
    found->since = Clock::now();
    found->served = true;
    peers.splice(peers.end(), peers, found);  // the idlest stay at the front
  }

  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url, const char* method,
                              const char* /*version*/, const char* /*upload*/, std::size_t* upload_size,
                              void** request) {
    auto& server = *static_cast<MicroHttpServer*>(self);
    const std::string_view verb = method;
    if (verb != MHD_HTTP_METHOD_GET && verb != MHD_HTTP_METHOD_HEAD) {
      return Queue(connection, {.status = 405, .body = Quote(verb) + " is not for this endpoint, expected GET or HEAD\n"});
    }
    // The first call comes before the body, and an answer to it closes the connection.
    if (*request == nullptr) {
      *request = &server;
      return HasBody(connection) ? Queue(connection, {.status = 413, .body = "expected a request without a body\n"})
                                 : MHD_YES;
    }
    *upload_size = 0;
    const auto page = std::ranges::find(server.pages_, std::string_view(url), &HttpPage::path);
    if (page == server.pages_.end()) return Queue(connection, server.NotFound(url));
    const char* const accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    return Queue(connection, page->make(accept == nullptr ? "" : accept));
  }

  static bool HasBody(MHD_Connection* connection) {
    const char* const length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length != nullptr && std::string_view(length) != "0") ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING) != nullptr;
  }

  HttpResponse NotFound(std::string_view url) const {
    std::string body = "there is no " + Quote(url) + " here, expected";
    const char* before = " ";
    for (const HttpPage& page : pages_) {
      body += std::exchange(before, ", ");
      body += page.path;
    }
    return {.status = 404, .body = body + "\n"};
  }

  static MHD_Result Queue(MHD_Connection* connection, HttpResponse page) {
    MHD_Response* const response =
        MHD_create_response_from_buffer(page.body.size(), page.body.data(), MHD_RESPMEM_MUST_COPY);
    if (response == nullptr) return MHD_NO;  // closes the connection
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page.content_type.c_str());
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (page.status == 405) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, kMethods);
    const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(page.status), response);
    MHD_destroy_response(response);
    return queued;
  }

  Listener listener_;
  const std::vector<HttpPage> pages_;
  const Descriptor stop_;  // an eventfd: readable once the thread has to end
  MHD_Daemon* daemon_ = nullptr;
  int events_ = -1;        // the library's epoll descriptor
  std::list<Peer> peers_;  // by when they last finished a request
  std::uint64_t accepted_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(Listener listener, std::vector<HttpPage> pages) {
  Descriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) {
    return Fail(ErrorCode::kIo, "cannot start the admin endpoint: " + SystemReason(errno) + "; raise ulimit -n");
  }
  auto server = std::make_unique<MicroHttpServer>(std::move(listener), std::move(pages), std::move(stop));
  if (Result<void> started = server->Start(); !started) return std::unexpected(std::move(started.error()));
  return server;
}

}  // namespace iris
