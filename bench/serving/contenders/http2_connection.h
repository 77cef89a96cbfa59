// SPDX-License-Identifier: Apache-2.0
//
// One connection of the least server: what the socket gives goes to libnghttp2, what that answers goes to the socket.

#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "linear_model.h"

namespace iris::bench {

/// Lives as long as its socket, which it owns. One thread. `model` must outlive it.
class Http2Connection {
 public:
  Http2Connection(int socket, const LinearModel& model);
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  /// Takes all that can be read, and writes all that can be written. Returns whether the connection lives on.
  /// `ended`: the peer will send no more.
  bool Serve(bool ended);

 private:
  /// A call: its request as it comes in, its answer as it goes out.
  struct Call {
    std::array<std::uint8_t, 64> message;  // five bytes, then at most 36 of a request that this server knows
    std::size_t received = 0;
    std::array<std::uint8_t, 16> answer;
    std::size_t answer_size = 0;
    std::size_t answered = 0;
    bool known_method = false;
  };

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self);
  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
                    void* self);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnClose(nghttp2_session*, std::int32_t stream, std::uint32_t, void* self);
  static ssize_t ReadAnswer(nghttp2_session*, std::int32_t stream, std::uint8_t* to, std::size_t room,
                            std::uint32_t* flags, nghttp2_data_source* source, void* self);

  static nghttp2_session_callbacks* Callbacks();
  Call* Find(std::int32_t stream) const;
  int Answer(std::int32_t stream, Call& call);
  bool Write();

  int socket_;
  const LinearModel& model_;
  nghttp2_session* session_ = nullptr;
  std::vector<std::uint8_t> unsent_;
  std::size_t sent_ = 0;
  std::deque<Call> calls_;     // as many as were ever in flight at once
  std::vector<Call*> spare_;  // those that ended, for the next ones
};

}  // namespace iris::bench
