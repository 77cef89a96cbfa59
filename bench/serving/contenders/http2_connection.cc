// SPDX-License-Identifier: Apache-2.0

#include "http2_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "iris_message.h"

namespace iris::bench {
namespace {

constexpr std::string_view kPath = "/ml.IrisPredictor/PredictIrisSpecies";
constexpr std::size_t kMaxUnsent = 64 << 10;  // written when there is this much
constexpr std::uint32_t kMaxStreams = 1 << 20;

nghttp2_nv Field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

nghttp2_session_callbacks* Http2Connection::Callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  return callbacks;
}

Http2Connection::Http2Connection(int socket, const LinearModel& model) : socket_(socket), model_(model) {
  static nghttp2_session_callbacks* const callbacks = Callbacks();
  nghttp2_session_server_new(&session_, callbacks, this);
  const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &settings, 1);
}

Http2Connection::~Http2Connection() {
  nghttp2_session_del(session_);
  close(socket_);
}

Http2Connection::Call* Http2Connection::Find(std::int32_t stream) const {
  return static_cast<Call*>(nghttp2_session_get_stream_user_data(session_, stream));
}

int Http2Connection::OnBeginHeaders(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  auto& connection = *static_cast<Http2Connection*>(self);
  if (connection.spare_.empty()) connection.spare_.push_back(&connection.calls_.emplace_back());
  Call* const call = connection.spare_.back();
  connection.spare_.pop_back();
  call->received = call->answer_size = call->answered = 0;
  call->known_method = false;
  return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
}

int Http2Connection::OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                              std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                              void* self) {
  if (name_size != 5 || std::memcmp(name, ":path", 5) != 0) return 0;
  Call* const call = static_cast<Http2Connection*>(self)->Find(frame->hd.stream_id);
  if (call != nullptr) {
    call->known_method = value_size == kPath.size() && std::memcmp(value, kPath.data(), value_size) == 0;
  }
  return 0;
}

int Http2Connection::OnData(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                            std::size_t size, void* self) {
  Call* const call = static_cast<Http2Connection*>(self)->Find(stream);
  if (call == nullptr) return 0;
  if (size > call->message.size() - call->received) return NGHTTP2_ERR_CALLBACK_FAILURE;
  std::memcpy(call->message.data() + call->received, data, size);
  call->received += size;
  return 0;
}

int Http2Connection::OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  const bool request = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
  if (!request || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  auto& connection = *static_cast<Http2Connection*>(self);
  Call* const call = connection.Find(frame->hd.stream_id);
  return call == nullptr ? 0 : connection.Answer(frame->hd.stream_id, *call);
}

int Http2Connection::Answer(std::int32_t stream, Call& call) {
  const auto status = Field(":status", "200");
  const auto type = Field("content-type", "application/grpc");
  Flower flower;
  if (!call.known_method || !ReadRequest({call.message.data(), call.received}, flower)) {
    const nghttp2_nv fields[] = {status, type, Field("grpc-status", call.known_method ? "3" : "12")};
    return nghttp2_submit_response(session_, stream, fields, 3, nullptr);
  }
  call.answer_size = WriteReply(model_.Predict(flower), call.answer);
  nghttp2_data_provider provider{};
  provider.source.ptr = &call;
  provider.read_callback = ReadAnswer;
  const nghttp2_nv fields[] = {status, type};
  return nghttp2_submit_response(session_, stream, fields, 2, &provider);
}

ssize_t Http2Connection::ReadAnswer(nghttp2_session* session, std::int32_t stream, std::uint8_t* to, std::size_t room,
                                    std::uint32_t* flags, nghttp2_data_source* source, void*) {
  Call& call = *static_cast<Call*>(source->ptr);
  const std::size_t size = std::min(room, call.answer_size - call.answered);
  std::memcpy(to, call.answer.data() + call.answered, size);
  call.answered += size;
  if (call.answered < call.answer_size) return static_cast<ssize_t>(size);  // the peer's window has no room for more
  const nghttp2_nv trailer = Field("grpc-status", "0");
  nghttp2_submit_trailer(session, stream, &trailer, 1);
  *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  return static_cast<ssize_t>(size);
}

int Http2Connection::OnClose(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self) {
  auto& connection = *static_cast<Http2Connection*>(self);
  if (Call* const call = connection.Find(stream)) connection.spare_.push_back(call);
  return 0;
}

bool Http2Connection::Serve(bool ended) {
  std::uint8_t buffer[64 << 10];
  for (;;) {
    const ssize_t size = recv(socket_, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size <= 0 || nghttp2_session_mem_recv(session_, buffer, static_cast<std::size_t>(size)) < 0) return false;
    // Edge-triggered: what comes after this is told again.
    if (!ended && static_cast<std::size_t>(size) < sizeof buffer) break;
  }
  return Write() && (nghttp2_session_want_read(session_) != 0 || nghttp2_session_want_write(session_) != 0);
}

bool Http2Connection::Write() {
  for (;;) {
    while (unsent_.size() < kMaxUnsent) {
      const std::uint8_t* data = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &data);
      if (size < 0) return false;
      if (size == 0) break;
      unsent_.insert(unsent_.end(), data, data + size);
    }
    if (unsent_.empty()) return true;
    while (sent_ < unsent_.size()) {
      const ssize_t size = send(socket_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return errno == EAGAIN;  // told when there is room
      sent_ += static_cast<std::size_t>(size);
    }
    unsent_.clear();
    sent_ = 0;
  }
}

}  // namespace iris::bench
