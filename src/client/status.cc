// SPDX-License-Identifier: Apache-2.0

#include "src/client/status.h"

#include <optional>
#include <string_view>

#include "src/base/number.h"
#include "src/system/log.h"

namespace iris {
namespace {

// gRPC reports why it could not connect only as text, which it makes from strerror.
std::string ConnectReason(const std::string& text) {
  constexpr std::string_view kMark = "connect to remote host: ";
  const std::size_t mark = text.rfind(kMark);
  std::string reason = mark == text.npos ? text : text.substr(mark + kMark.size());
  if (reason == "Connection refused") return "connection refused";
  return reason;
}

bool Contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

// What stands in `text` between the last `begin` and the next `end`, or its end; empty when `begin` is not there.
std::string Between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t mark = text.rfind(begin);
  if (mark == text.npos) return "";
  const std::size_t first = mark + begin.size();
  return text.substr(first, text.find(end, first) - first);
}

// What a TLS handshake failed of; nothing when it was not that. gRPC, too, tells it only as text.
std::optional<std::string> HandshakeFailure(const std::string& text) {
  if (Contains(text, "certificate verify failed")) {
    return "its certificate was not issued by one that is believed here, or is not valid today; check --tls-ca, and "
           "the dates in the server's certificate";
  }
  if (const std::string name = Between(text, "Peer name ", " is not in peer certificate"); !name.empty()) {
    return "its certificate is not made out to " + name + "; give the name that it bears with --tls-server-name";
  }
  if (Contains(text, "wrong version number")) {
    return "it does not speak TLS; call it without the TLS options, or check --port";
  }
  if (const std::string reason = Between(text, "SSL_ERROR_SSL: ", ")"); !reason.empty()) {
    const std::string words = Between(reason, ":", ")");  // of error:0A000086:SSL routines::words
    return words.empty() ? reason : words;
  }
  if (Contains(text, "Socket closed") || Contains(text, "Connection reset") || Contains(text, "Broken pipe")) {
    return "it closed the connection; if it asks for a client certificate, give one that it accepts with --tls-cert "
           "and --tls-key";
  }
  return std::nullopt;
}

Error Unavailable(const std::string& text, const std::string& server, bool tls) {
  if (Contains(text, "DNS resolution failed")) {
    return {ErrorCode::kUnavailable, "the host of " + server + " is not known (" + text + "); check --host"};
  }
  const bool connecting = Contains(text, "failed to connect");
  if (tls && connecting) {
    const std::optional<std::string> failure = HandshakeFailure(text);
    if (failure) return {ErrorCode::kUnavailable, "TLS with the server at " + server + " failed: " + *failure};
  }
  if (connecting && Contains(text, "Socket closed")) {
    return {ErrorCode::kUnavailable, "what listens at " + server +
                                         " closed the connection; if it is a server that speaks TLS, call it with "
                                         "--tls-ca, or else check --host and --port"};
  }
  if (connecting) {
    return {ErrorCode::kUnavailable, "no server answers at " + server + " (" + ConnectReason(text) +
                                         "); start one with `iris-predictor serve`, or check --host and --port"};
  }
  return {ErrorCode::kUnavailable, "the server at " + server + " went away or gave up (" + text + "); try again"};
}

}  // namespace

Error FromGrpcStatus(const grpc::Status& status, const std::string& server, std::chrono::milliseconds timeout,
                     bool tls) {
  const std::string text = Printable(status.error_message());  // it may come from the peer
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return {ErrorCode::kInvalidArgument, text};
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {ErrorCode::kFailedPrecondition, text};
    case grpc::StatusCode::UNAVAILABLE:
      return Unavailable(text, server, tls);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {ErrorCode::kUnavailable, "no answer from " + server + " within " +
                                           FormatDouble(static_cast<double>(timeout.count()) / 1000.0) +
                                           " s; check --host and --port, or that nothing in between drops packets"};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {ErrorCode::kConfiguration,
              "the server at " + server + " does not offer this service; is it an iris-predictor? (" + text + ")"};
    default:
      return {ErrorCode::kUnavailable, "the server at " + server + " failed with gRPC status " +
                                           std::to_string(static_cast<int>(status.error_code())) + " (" + text + ")"};
  }
}

}  // namespace iris
