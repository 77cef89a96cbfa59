// SPDX-License-Identifier: Apache-2.0
//
// A client's side of an HTTP/2 connection as a list of frames, and changes to it that mean something to its reader: what
// changes single bytes alone rarely gets past the length of a frame.
// Source: RFC 9113, sections 3.4, 4.1 and 6.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace iris::fuzz {

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct Frame {
  std::uint32_t length = 0;  ///< As announced; the payload may have another one.
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload{};
};

struct Connection {
  std::string preface{};
  std::vector<Frame> frames{};
};

inline Connection Split(std::string_view bytes) {
  Connection connection;
  connection.preface = bytes.substr(0, kPreface.size());
  bytes.remove_prefix(connection.preface.size());
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  while (bytes.size() >= 9) {
    Frame frame;
    frame.length = byte(0) << 16 | byte(1) << 8 | byte(2);
    frame.type = static_cast<std::uint8_t>(byte(3));
    frame.flags = static_cast<std::uint8_t>(byte(4));
    frame.stream = byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
    frame.payload = bytes.substr(9, frame.length);
    bytes.remove_prefix(std::min(bytes.size(), std::size_t{9} + frame.length));
    connection.frames.push_back(std::move(frame));
  }
  return connection;
}

inline std::string Join(const Connection& connection) {
  std::string bytes = connection.preface;
  for (const Frame& frame : connection.frames) {
    for (const unsigned shift : {16u, 8u, 0u}) bytes += static_cast<char>(frame.length >> shift & 0xff);
    bytes += static_cast<char>(frame.type);
    bytes += static_cast<char>(frame.flags);
    for (const unsigned shift : {24u, 16u, 8u, 0u}) bytes += static_cast<char>(frame.stream >> shift & 0xff);
    bytes += frame.payload;
  }
  return bytes;
}

/// One change, or a few. Requires: there is a frame.
inline void Change(Connection& connection, std::minstd_rand& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  std::vector<Frame>& frames = connection.frames;
  const auto place = [&](std::size_t i) { return frames.begin() + static_cast<std::ptrdiff_t>(i); };
  const std::size_t at = below(frames.size());
  Frame& frame = frames[at];
  switch (below(10)) {
    case 0: frames.erase(place(at)); break;
    case 1: frames.insert(place(below(frames.size() + 1)), Frame(frame)); break;
    case 2: std::swap(frame, frames[below(frames.size())]); break;
    case 3: frame.type = static_cast<std::uint8_t>(below(12)); break;
    case 4: frame.flags = static_cast<std::uint8_t>(frame.flags ^ 1u << below(8)); break;
    case 5: frame.stream = static_cast<std::uint32_t>(below(8) == 0 ? random() : below(12)); break;
    case 6: frame.length = static_cast<std::uint32_t>(below(2) == 0 ? below(1 << 24) : below(40)); break;
    case 7: {  // a short control frame with values at the edges
      constexpr std::uint32_t kEdges[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 65535, 65536, 16384};
      const std::uint32_t value = kEdges[below(std::size(kEdges))];
      Frame control;
      constexpr std::uint8_t kTypes[] = {2, 3, 4, 6, 7, 8, 9, 0};
      control.type = kTypes[below(std::size(kTypes))];
      control.stream = frame.stream;
      for (const unsigned shift : {24u, 16u, 8u, 0u}) control.payload += static_cast<char>(value >> shift & 0xff);
      constexpr std::size_t kSizes[] = {5, 4, 6, 8, 8, 4, 0, 0};
      control.payload.resize(kSizes[std::find(kTypes, std::end(kTypes), control.type) - kTypes]);
      control.length = static_cast<std::uint32_t>(control.payload.size());
      frames.insert(place(below(frames.size() + 1)), std::move(control));
      break;
    }
    default: {
      std::string payload = frame.payload;
      const std::size_t size = payload.size();
      payload.resize(size + 64);
      payload.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(payload.data()), size, payload.size()));
      frame.payload = std::move(payload);
      frame.length = static_cast<std::uint32_t>(frame.payload.size());
    }
  }
}

}  // namespace iris::fuzz
