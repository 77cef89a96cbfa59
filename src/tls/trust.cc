// SPDX-License-Identifier: Apache-2.0

#include "src/tls/trust.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "src/tls/pem.h"

namespace iris {
namespace {

// Debian, Alpine; Fedora, Red Hat; SUSE; Alpine's older place.
constexpr std::array<const char*, 4> kSystemBundles = {"/etc/ssl/certs/ca-certificates.crt",
                                                       "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                                       "/etc/ssl/cert.pem"};

using NamesPointer = std::unique_ptr<GENERAL_NAMES, FreeWith<&GENERAL_NAMES_free>>;

std::string ToText(const ASN1_STRING& text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
          static_cast<std::size_t>(ASN1_STRING_length(&text))};
}

std::string AddressToText(const ASN1_STRING& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(&bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(&bytes) != 16) return "";
  return inet_ntop(family, ASN1_STRING_get0_data(&bytes), text.data(), text.size()) == nullptr ? "" : text.data();
}

std::string AlternativeName(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS: {
      std::string text = ToText(*name.d.dNSName);
      if (text.starts_with("*.")) text.replace(0, 1, "any");
      return text;
    }
    case GEN_IPADD:
      return AddressToText(*name.d.iPAddress);
    case GEN_URI:
      return ToText(*name.d.uniformResourceIdentifier);
    default:
      return "";
  }
}

// As verification does it: the common name counts only where there is no alternative name.
std::string NameIn(const X509& certificate) {
  const NamesPointer names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string name = AlternativeName(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) return name;
  }
  if (names) return "";
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return index < 0 ? "" : ToText(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
}

}  // namespace

Result<std::string> LoadTrust(const std::string& file) {
  const Result<std::vector<CertificatePointer>> certificates = ReadCertificates(file);
  if (!certificates) return std::unexpected(certificates.error());
  const std::string what = (certificates->size() == 1 ? "the certificate in " : "the first certificate in ") + file;
  const Result<void> valid = CheckValidToday(*certificates->front(), what);
  const bool any_valid =
      std::ranges::any_of(*certificates, [](const auto& one) { return CheckValidToday(*one, "").has_value(); });
  if (!any_valid) return std::unexpected(valid.error());
  std::string trust;
  for (const CertificatePointer& certificate : *certificates) trust += ToPem(*certificate);
  return trust;
}

Result<std::string> LoadSystemTrust() {
  std::string looked_for;
  for (const char* file : kSystemBundles) {
    if (access(file, F_OK) == 0) return LoadTrust(file);
    looked_for += (looked_for.empty() ? "" : ", ") + std::string(file);
  }
  return Fail(ErrorCode::kConfiguration, "this system has no root certificates (looked for " + looked_for +
                                             "); name the CA that issued the server's certificate with --tls-ca");
}

Result<PinnedCertificate> LoadPinnedCertificate(const std::string& file) {
  const Result<std::vector<CertificatePointer>> certificates = ReadCertificates(file);
  if (!certificates) return std::unexpected(certificates.error());
  X509& own = *certificates->front();
  const Result<void> valid = CheckValidToday(own, "the certificate in " + file);
  if (!valid) return std::unexpected(valid.error());
  PinnedCertificate pinned{.trust = ToPem(own), .name = NameIn(own)};
  if (pinned.name.empty()) {
    return Fail(ErrorCode::kConfiguration,
                "the certificate in " + file + " names no host; make one with a subject alternative name");
  }
  return pinned;
}

}  // namespace iris
