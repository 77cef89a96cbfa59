// SPDX-License-Identifier: Apache-2.0
//
// PEM text in and out, for the files of this room only: it is made of OpenSSL's types.

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "src/base/error.h"

namespace iris {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using CertificatePointer = std::unique_ptr<X509, FreeWith<&X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;

/// A whole PEM file. Errors: kIo when it cannot be read; kConfiguration when it is too large or a directory.
Result<std::string> ReadPemFile(const std::string& file);

/// Every certificate in `file`, at least one; what else the file holds is skipped.
/// Errors: as ReadPemFile; kConfiguration when there is none, or one of them is damaged.
Result<std::vector<CertificatePointer>> ReadCertificates(const std::string& file);

/// The private key in `file`. Errors: as ReadPemFile; kConfiguration when there is none, or it is encrypted or damaged.
/// No message shows anything of the file's content.
Result<KeyPointer> ReadPrivateKey(const std::string& file);

/// The PEM form. Empty when OpenSSL cannot write it.
std::string ToPem(X509& certificate);
std::string ToPem(EVP_PKEY& key);

/// Why OpenSSL's last call failed, in its words ("ee key too small"). Forgets it.
std::string TakeOpenSslReason();

/// Whether the certificate can be used today. Errors: kConfiguration, with the date, when it has expired or is not yet
/// valid; `what` names it there.
Result<void> CheckValidToday(const X509& certificate, const std::string& what);

/// When the certificate expires, for people: "2026-01-31 23:59 UTC".
std::string ExpiryText(const X509& certificate);

/// The same as a time; 1970 for one that cannot be read.
std::chrono::system_clock::time_point ExpiryTime(const X509& certificate);

}  // namespace iris
