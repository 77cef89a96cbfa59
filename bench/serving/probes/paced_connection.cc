// SPDX-License-Identifier: Apache-2.0

#include "paced_connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "grpc_headers.h"
#include "loopback.h"
#include "measurement.h"

namespace iris::bench {
namespace {

PacedConnection* Self(void* self) { return static_cast<PacedConnection*>(self); }

}  // namespace

nghttp2_session_callbacks* PacedConnection::Callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  return callbacks;
}

PacedConnection::PacedConnection(int port, Calls& calls) : calls_(calls), socket_(ConnectToLoopback(port)) {
  if (socket_ >= 0) fcntl(socket_, F_SETFL, O_NONBLOCK);
  static nghttp2_session_callbacks* const callbacks = Callbacks();
  nghttp2_session_client_new(&session_, callbacks, this);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

PacedConnection::~PacedConnection() {
  nghttp2_session_del(session_);
  if (socket_ >= 0) close(socket_);
}

void PacedConnection::Fail(std::string why) {
  if (calls_.wrong.empty()) calls_.wrong = std::move(why);
}

void PacedConnection::Start(std::size_t call) {
  auto stream = std::make_unique<Stream>(Stream{.call = call});
  const GrpcHeaders fields(calls_.path);
  nghttp2_data_provider provider{};
  provider.source.ptr = stream.get();
  provider.read_callback = ReadRequest;
  if (nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), &provider, stream.get()) < 0) {
    return Fail("a connection takes no more calls");
  }
  stream.release();  // OnClose has it
}

ssize_t PacedConnection::ReadRequest(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room,
                                     std::uint32_t* flags, nghttp2_data_source* source, void* self) {
  const std::vector<std::uint8_t>& request = Self(self)->calls_.request;
  Stream& stream = *static_cast<Stream*>(source->ptr);
  const std::size_t size = std::min(room, request.size() - stream.sent);
  std::copy_n(request.data() + stream.sent, size, to);
  stream.sent += size;
  if (stream.sent == request.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

void PacedConnection::Send() {
  for (;;) {
    while (!unsent_.empty()) {
      const ssize_t size = send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (size < 0 && errno == EAGAIN) return;
      if (size < 0) return Fail(std::string("sending failed: ") + std::strerror(errno));
      unsent_.erase(unsent_.begin(), unsent_.begin() + size);
    }
    const std::uint8_t* data = nullptr;
    for (ssize_t size; (size = nghttp2_session_mem_send(session_, &data)) > 0;) {
      unsent_.insert(unsent_.end(), data, data + size);
    }
    if (unsent_.empty()) return;
  }
}

void PacedConnection::Receive() {
  for (std::uint8_t buffer[64 << 10];;) {
    const ssize_t size = recv(socket_, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EAGAIN) break;
    if (size <= 0) return Fail("the server closed a connection");
    now_ = WallSeconds();
    if (nghttp2_session_mem_recv(session_, buffer, static_cast<std::size_t>(size)) < 0) return Fail("this is not HTTP/2");
    if (static_cast<std::size_t>(size) < sizeof buffer) break;
  }
  Send();  // what HTTP/2 itself has to answer
}

int PacedConnection::OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                              std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                              void* self) {
  const std::string_view text(reinterpret_cast<const char*>(name), name_size);
  Stream* const stream = Self(self)->Find(frame->hd.stream_id);
  if (stream != nullptr && text == "grpc-status") stream->status = value_size == 1 && *value == '0';
  return 0;
}

int PacedConnection::OnData(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                            void* self) {
  const std::vector<std::uint8_t>& answer = Self(self)->calls_.answer;
  Stream* const stream = Self(self)->Find(id);
  if (stream == nullptr) return 0;
  stream->good = stream->good && stream->received + size <= answer.size() &&
                 std::equal(data, data + size, answer.data() + stream->received);
  stream->received += size;
  return 0;
}

int PacedConnection::OnClose(nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
  const std::unique_ptr<Stream> stream(Self(self)->Find(id));
  if (stream == nullptr) return 0;
  Calls& calls = Self(self)->calls_;
  if (!stream->status || !stream->good || stream->received != calls.answer.size()) {
    Self(self)->Fail("call " + std::to_string(stream->call) + " has a wrong answer");
  }
  calls.ended[stream->call] = Self(self)->now_;
  ++calls.over;
  return 0;
}

}  // namespace iris::bench
