// SPDX-License-Identifier: Apache-2.0
//
// Who we are in a TLS handshake: a certificate and its private key, checked when they are loaded, so that whatever a
// handshake would stumble over is known before anybody connects. Functions of this room keep no state; any thread.

#pragma once

#include <chrono>
#include <string>

#include "src/base/error.h"

namespace iris {

/// A certificate and the key that belongs to it, in PEM. Made anew from what was understood of the files, so gRPC reads
/// exactly what was checked.
struct TlsIdentity {
  std::string certificate_chain;  ///< Ours first, then those between it and the CA.
  std::string private_key;        ///< Never in a message.
  std::string valid_until{};      ///< When ours expires, for people: "2026-01-31 23:59 UTC".
  std::chrono::system_clock::time_point expires{};  ///< The same, for comparing.
};

/// Loads and checks an identity from two PEM files (which may be one and the same).
/// Errors: kIo when a file cannot be read; kConfiguration when it holds something else, the key does not belong to the
/// certificate, the certificate is not valid today, or it is too weak for TLS. Each names the file.
Result<TlsIdentity> LoadTlsIdentity(const std::string& certificate_file, const std::string& key_file);

}  // namespace iris
