// SPDX-License-Identifier: Apache-2.0

#include "src/client/status.h"

#include <string>

#include "catch_amalgamated.hpp"

namespace iris {
namespace {

TEST_CASE("every status has its meaning and its advice") {
  struct Row {
    grpc::StatusCode code;
    std::string text;
    ErrorCode error;
    std::string message;
  };
  const Row row = GENERATE(values<Row>({
      {grpc::StatusCode::INVALID_ARGUMENT, "bad", ErrorCode::kInvalidArgument, "bad"},
      {grpc::StatusCode::FAILED_PRECONDITION, "no", ErrorCode::kFailedPrecondition, "no"},
      {grpc::StatusCode::UNAVAILABLE,
       "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: "
       "Connection refused",
       ErrorCode::kUnavailable,
       "no server answers at h:1 (connection refused); start one with `iris-predictor serve`, or check --host and "
       "--port"},
      {grpc::StatusCode::UNAVAILABLE, "DNS resolution failed for h:1: not found", ErrorCode::kUnavailable,
       "the host of h:1 is not known (DNS resolution failed for h:1: not found); check --host"},
      {grpc::StatusCode::UNAVAILABLE, "Socket closed", ErrorCode::kUnavailable,
       "the server at h:1 went away or gave up (Socket closed); try again"},
      {grpc::StatusCode::DEADLINE_EXCEEDED, "late", ErrorCode::kUnavailable,
       "no answer from h:1 within 2.5 s; check --host and --port, or that nothing in between drops packets"},
      {grpc::StatusCode::UNIMPLEMENTED, "", ErrorCode::kConfiguration,
       "the server at h:1 does not offer this service; is it an iris-predictor? ()"},
      {grpc::StatusCode::INTERNAL, "o\nops", ErrorCode::kUnavailable,
       "the server at h:1 failed with gRPC status 13 (o?ops)"},
      {grpc::StatusCode::UNAVAILABLE,
       "failed to connect to all addresses; last error: UNAVAILABLE: ipv4:127.0.0.1:1: Socket closed",
       ErrorCode::kUnavailable,
       "what listens at h:1 closed the connection; if it is a server that speaks TLS, call it with --tls-ca, or else "
       "check --host and --port"},
  }));
  CAPTURE(row.text);
  const Error error = FromGrpcStatus({row.code, row.text}, "h:1", std::chrono::milliseconds(2500), false);
  CHECK(error.code == row.error);
  CHECK(error.message == row.message);
}

TEST_CASE("a failed handshake is told in a sentence, without OpenSSL's codes") {
  struct Row {
    std::string text;
    std::string message;
  };
  const Row row = GENERATE(values<Row>({
      {"UNKNOWN: ipv4:127.0.0.1:1: Ssl handshake failed: SSL_ERROR_SSL: error:0A000086:SSL routines::certificate "
       "verify failed",
       "TLS with the server at h:1 failed: its certificate was not issued by one that is believed here, or is not "
       "valid today; check --tls-ca, and the dates in the server's certificate"},
      {"UNKNOWN: ipv4:127.0.0.1:1: Peer name x.example is not in peer certificate",
       "TLS with the server at h:1 failed: its certificate is not made out to x.example; give the name that it bears "
       "with --tls-server-name"},
      {"UNKNOWN: ipv4:127.0.0.1:1: Ssl handshake failed: SSL_ERROR_SSL: error:0A00010B:SSL routines::wrong version "
       "number",
       "TLS with the server at h:1 failed: it does not speak TLS; call it without the TLS options, or check --port"},
      {"UNKNOWN: ipv4:127.0.0.1:1: Ssl handshake failed: SSL_ERROR_SSL: error:0A000410:SSL routines::sslv3 alert "
       "handshake failure",
       "TLS with the server at h:1 failed: sslv3 alert handshake failure"},
      {"UNAVAILABLE: ipv4:127.0.0.1:1: Socket closed",
       "TLS with the server at h:1 failed: it closed the connection; if it asks for a client certificate, give one "
       "that it accepts with --tls-cert and --tls-key"},
      {"UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused",
       "no server answers at h:1 (connection refused); start one with `iris-predictor serve`, or check --host and "
       "--port"},
  }));
  CAPTURE(row.text);
  const Error error =
      FromGrpcStatus({grpc::StatusCode::UNAVAILABLE, "failed to connect to all addresses; last error: " + row.text},
                     "h:1", std::chrono::seconds(1), true);
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK(error.message == row.message);
}

}  // namespace
}  // namespace iris
