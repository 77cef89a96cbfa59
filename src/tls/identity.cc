// SPDX-License-Identifier: Apache-2.0

#include "src/tls/identity.h"

#include <openssl/ssl.h>

#include <utility>

#include "src/tls/pem.h"

namespace iris {
namespace {

using ContextPointer = std::unique_ptr<SSL_CTX, FreeWith<&SSL_CTX_free>>;

Result<void> CheckMatch(const std::vector<CertificatePointer>& chain, EVP_PKEY& key,
                        const std::string& certificate_file, const std::string& key_file) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool match = X509_check_private_key(chain[i].get(), &key) == 1;
    TakeOpenSslReason();
    if (match && i == 0) return {};
    if (match) {
      return Fail(ErrorCode::kConfiguration, "the key in " + key_file + " belongs to certificate " +
                                                 std::to_string(i + 1) + " in " + certificate_file +
                                                 ", not to the first; put that one first, then those that lead to "
                                                 "the CA");
    }
  }
  return Fail(ErrorCode::kConfiguration, "the key in " + key_file + " does not belong to the certificate in " +
                                             certificate_file + "; give the two that were made together");
}

/// The steps by which gRPC prepares a handshake: what OpenSSL refuses (a key that is too short) is refused now.
Result<void> CheckUsable(const std::vector<CertificatePointer>& chain, EVP_PKEY& key,
                         const std::string& certificate_file) {
  const ContextPointer context(SSL_CTX_new(TLS_method()));
  bool usable = context && SSL_CTX_use_certificate(context.get(), chain.front().get()) == 1 &&
                SSL_CTX_use_PrivateKey(context.get(), &key) == 1;
  for (std::size_t i = 1; usable && i < chain.size(); ++i) {
    usable = SSL_CTX_add1_chain_cert(context.get(), chain[i].get()) == 1;
  }
  const std::string reason = TakeOpenSslReason();
  if (usable) return {};
  return Fail(ErrorCode::kConfiguration, "the certificate in " + certificate_file + " cannot be used for TLS (" +
                                             reason + "); make one with an EC key of 256 bits, or RSA of 2048 or more");
}

}  // namespace

Result<TlsIdentity> LoadTlsIdentity(const std::string& certificate_file, const std::string& key_file) {
  const Result<std::vector<CertificatePointer>> chain = ReadCertificates(certificate_file);
  if (!chain) return std::unexpected(chain.error());
  const Result<KeyPointer> key = ReadPrivateKey(key_file);
  if (!key) return std::unexpected(key.error());
  const Result<void> match = CheckMatch(*chain, **key, certificate_file, key_file);
  if (!match) return std::unexpected(match.error());
  const Result<void> valid = CheckValidToday(*chain->front(), "the certificate in " + certificate_file);
  if (!valid) return std::unexpected(valid.error());
  const Result<void> usable = CheckUsable(*chain, **key, certificate_file);
  if (!usable) return std::unexpected(usable.error());

  TlsIdentity identity;
  for (const CertificatePointer& certificate : *chain) identity.certificate_chain += ToPem(*certificate);
  identity.private_key = ToPem(**key);
  identity.valid_until = ExpiryText(*chain->front());
  identity.expires = ExpiryTime(*chain->front());
  if (identity.certificate_chain.empty() || identity.private_key.empty()) {
    return Fail(ErrorCode::kConfiguration, "the certificate in " + certificate_file + " or the key in " + key_file +
                                               " is of a kind that cannot be used (" + TakeOpenSslReason() + ")");
  }
  return identity;
}

}  // namespace iris
