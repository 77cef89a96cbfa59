// SPDX-License-Identifier: Apache-2.0
//
// The least that a client of gRPC can be: one connection, one call at a time, blocking, so that what is measured is the
// server. A request's bytes go from the caller's memory to the socket, uncopied.

#pragma once

#include <nghttp2/nghttp2.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iris::bench {

/// One connection to 127.0.0.1. One thread. Ends with the object.
class Http2Client {
 public:
  /// Waits for nothing: Connected() tells whether somebody listens on `port`.
  explicit Http2Client(int port);
  ~Http2Client();
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  bool Connected() const { return socket_ >= 0; }

  /// Calls `path` with `request`, a message with gRPC's five bytes before it, and waits for the end of the call.
  /// Returns what was wrong, or an empty text: then answer() is the answer, its five bytes included.
  std::string Call(std::string_view path, std::span<const std::uint8_t> request);

  const std::vector<std::uint8_t>& answer() const { return answer_; }

 private:
  static int OnHeader(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self);
  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size,
                    void* self);
  static int OnClose(nghttp2_session*, std::int32_t, std::uint32_t, void* self);
  static ssize_t OnSend(nghttp2_session*, const std::uint8_t* data, std::size_t size, int, void* self);
  static int OnSendData(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                        nghttp2_data_source*, void* self);
  static ssize_t ReadRequest(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t room, std::uint32_t* flags,
                             nghttp2_data_source*, void* self);
  static nghttp2_session_callbacks* Callbacks();

  void Queue(const std::uint8_t* data, std::size_t size);
  bool Flush();

  int socket_ = -1;
  nghttp2_session* session_ = nullptr;
  std::span<const std::uint8_t> request_;
  std::size_t read_ = 0;  // of request_, by libnghttp2
  std::size_t sent_ = 0;  // of request_, into pieces_
  std::deque<std::vector<std::uint8_t>> own_;  // what pieces_ need to have alive, beside request_
  std::vector<iovec> pieces_;
  std::vector<std::uint8_t> answer_;
  std::string status_;  // grpc-status
  bool closed_ = false;
};

}  // namespace iris::bench
