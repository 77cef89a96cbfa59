// SPDX-License-Identifier: Apache-2.0
//
// Whom we believe in a TLS handshake. Every function gives certificates in PEM; each of them is believed, and whatever
// it signed.

#pragma once

#include <string>

#include "src/base/error.h"

namespace iris {

/// The certificates in a PEM file, usually those of a CA.
/// Errors: kIo when it cannot be read; kConfiguration when it holds none, or a damaged one, or all have expired.
Result<std::string> LoadTrust(const std::string& file);

/// The root certificates of this system. Errors: kConfiguration when it has none, as in an image FROM scratch.
Result<std::string> LoadSystemTrust();

/// Belief in one certificate and nothing else.
struct PinnedCertificate {
  std::string trust;  ///< It alone.
  std::string name;   ///< A name that it is valid for.
};

/// For a server whose certificate file is at hand: the first certificate in it. Whoever is verified with this holds the
/// private key of that very certificate, whatever address was dialled, so checking its own name loses nothing.
/// Errors: as LoadTrust; kConfiguration when it has no name.
Result<PinnedCertificate> LoadPinnedCertificate(const std::string& file);

}  // namespace iris
