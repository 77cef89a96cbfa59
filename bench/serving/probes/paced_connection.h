// SPDX-License-Identifier: Apache-2.0
//
// One connection of an open loop: calls are started whenever they are due, whatever is still on its way.

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iris::bench {

/// The calls of all connections: what is asked, what has to be answered, and when each was over.
struct Calls {
  std::string path;
  std::vector<std::uint8_t> request;  // with gRPC's five bytes before the message
  std::vector<std::uint8_t> answer;   // likewise
  std::vector<double> ended;          // of each call, in WallSeconds(); 0 before
  std::size_t over = 0;
  std::string wrong;                  // why the first bad call was
};

/// To 127.0.0.1; does not block. One thread. Borrows the calls.
class PacedConnection {
 public:
  PacedConnection(int port, Calls& calls);
  ~PacedConnection();
  PacedConnection(const PacedConnection&) = delete;
  PacedConnection& operator=(const PacedConnection&) = delete;

  /// -1: nobody listens.
  int socket() const { return socket_; }

  /// Starts call number `call`; it is on its way after Send.
  void Start(std::size_t call);
  /// What is to be sent, as far as the socket takes it.
  void Send();
  /// What has come. Sets Calls::wrong when the connection is at its end.
  void Receive();

 private:
  struct Stream {
    std::size_t call;
    std::size_t sent = 0;      // bytes of the request
    std::size_t received = 0;  // bytes of the answer
    bool good = true;
    bool status = false;       // grpc-status: 0 has come
  };

  static nghttp2_session_callbacks* Callbacks();
  static int OnHeader(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                      const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self);
  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data, std::size_t size, void* self);
  static int OnClose(nghttp2_session*, std::int32_t, std::uint32_t, void* self);
  static ssize_t ReadRequest(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                             nghttp2_data_source* source, void* self);

  Stream* Find(std::int32_t id) { return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_, id)); }
  void Fail(std::string why);

  Calls& calls_;
  int socket_;
  nghttp2_session* session_ = nullptr;
  std::vector<std::uint8_t> unsent_;
  double now_ = 0;  // when what is being read came
};

}  // namespace iris::bench
