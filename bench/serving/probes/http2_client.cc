// SPDX-License-Identifier: Apache-2.0

#include "http2_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "grpc_headers.h"
#include "loopback.h"

namespace iris::bench {
namespace {

constexpr std::int32_t kWindow = 16 << 20;  // larger than any answer

Http2Client* Self(void* self) { return static_cast<Http2Client*>(self); }

}  // namespace

nghttp2_session_callbacks* Http2Client::Callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_callbacks_set_send_callback(callbacks, OnSend);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, OnSendData);
  return callbacks;
}

Http2Client::Http2Client(int port) {
  socket_ = ConnectToLoopback(port);
  static nghttp2_session_callbacks* const callbacks = Callbacks();
  nghttp2_session_client_new(&session_, callbacks, this);
  const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &settings, 1);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
}

Http2Client::~Http2Client() {
  nghttp2_session_del(session_);
  if (socket_ >= 0) close(socket_);
}

int Http2Client::OnHeader(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                          const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
  const std::string_view text(reinterpret_cast<const char*>(name), name_size);
  if (text == "grpc-status") Self(self)->status_.assign(value, value + value_size);
  return 0;
}

int Http2Client::OnData(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size,
                        void* self) {
  auto& answer = Self(self)->answer_;
  answer.insert(answer.end(), data, data + size);
  return 0;
}

int Http2Client::OnClose(nghttp2_session*, std::int32_t, std::uint32_t, void* self) {
  Self(self)->closed_ = true;
  return 0;
}

ssize_t Http2Client::ReadRequest(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t room, std::uint32_t* flags,
                                 nghttp2_data_source*, void* self) {
  Http2Client& client = *Self(self);
  const std::size_t size = std::min(room, client.request_.size() - client.read_);
  client.read_ += size;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (client.read_ == client.request_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

void Http2Client::Queue(const std::uint8_t* data, std::size_t size) {
  own_.emplace_back(data, data + size);
  pieces_.push_back({own_.back().data(), size});
}

ssize_t Http2Client::OnSend(nghttp2_session*, const std::uint8_t* data, std::size_t size, int, void* self) {
  Self(self)->Queue(data, size);
  return static_cast<ssize_t>(size);
}

int Http2Client::OnSendData(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                            nghttp2_data_source*, void* self) {
  Http2Client& client = *Self(self);
  client.Queue(head, 9);  // a frame's header
  client.pieces_.push_back({const_cast<std::uint8_t*>(client.request_.data()) + client.sent_, size});
  client.sent_ += size;
  return 0;
}

bool Http2Client::Flush() {
  if (nghttp2_session_send(session_) != 0) return false;
  for (std::size_t first = 0; first < pieces_.size();) {
    const int count = static_cast<int>(std::min<std::size_t>(pieces_.size() - first, IOV_MAX));
    ssize_t size = writev(socket_, &pieces_[first], count);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    for (; size > 0 && static_cast<std::size_t>(size) >= pieces_[first].iov_len; ++first) {
      size -= static_cast<ssize_t>(pieces_[first].iov_len);
    }
    if (size > 0) {
      pieces_[first].iov_base = static_cast<std::uint8_t*>(pieces_[first].iov_base) + size;
      pieces_[first].iov_len -= static_cast<std::size_t>(size);
    }
  }
  pieces_.clear();
  own_.clear();
  return true;
}

std::string Http2Client::Call(std::string_view path, std::span<const std::uint8_t> request) {
  request_ = request;
  read_ = sent_ = 0;
  answer_.clear();
  status_.clear();
  closed_ = false;
  const GrpcHeaders fields(path);
  nghttp2_data_provider provider{};
  provider.read_callback = ReadRequest;
  if (nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), &provider, nullptr) < 0) {
    return "the connection takes no more calls";
  }
  for (std::uint8_t buffer[64 << 10]; !closed_;) {
    if (!Flush()) return std::string("sending failed: ") + std::strerror(errno);
    const ssize_t size = recv(socket_, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return "the server closed the connection";
    if (nghttp2_session_mem_recv(session_, buffer, static_cast<std::size_t>(size)) < 0) return "this is not HTTP/2";
  }
  return status_ == "0" ? "" : "the call ended with status " + status_;
}

}  // namespace iris::bench
