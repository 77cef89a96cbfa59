// SPDX-License-Identifier: Apache-2.0
//
// Certificates made while a test runs, and files to put them into.

#pragma once

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "catch_amalgamated.hpp"
#include "src/tls/identity.h"
#include "src/tls/pem.h"

namespace iris {

constexpr long kDay = 86400;

/// What a certificate is to say.
struct Wanted {
  std::string name = "test";                      ///< Common name; empty: none.
  std::string san = "DNS:localhost,IP:127.0.0.1";  ///< As in openssl.cnf; empty: none.
  long begin = -kDay;                             ///< Seconds from now.
  long end = kDay;
  bool authority = false;
};

struct Made {
  CertificatePointer certificate;
  KeyPointer key;

  std::string cert_pem() const { return ToPem(*certificate); }
  std::string key_pem() const { return ToPem(*key); }
  TlsIdentity identity() const { return {.certificate_chain = cert_pem(), .private_key = key_pem()}; }
};

inline KeyPointer NewKey() { return KeyPointer(EVP_EC_gen("P-256")); }

inline void AddBasicConstraints(X509& certificate, bool authority) {
  BASIC_CONSTRAINTS* constraints = BASIC_CONSTRAINTS_new();
  constraints->ca = authority ? 0xff : 0;
  REQUIRE(X509_add1_ext_i2d(&certificate, NID_basic_constraints, constraints, 1, 0) == 1);
  BASIC_CONSTRAINTS_free(constraints);
}

/// `names` as Wanted::san has them. (The static build's OpenSSL does not read extensions from text.)
inline void AddAlternativeNames(X509& certificate, const std::string& names) {
  GENERAL_NAMES* list = GENERAL_NAMES_new();
  std::istringstream each(names);
  for (std::string name; std::getline(each, name, ',');) {
    const std::size_t colon = name.find(':');
    const std::string kind = name.substr(0, colon);
    std::string value = name.substr(colon + 1);
    std::array<unsigned char, 16> address{};
    GENERAL_NAME* entry = GENERAL_NAME_new();
    ASN1_STRING* text = kind == "IP" ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (kind == "IP") {
      const bool six = value.find(':') != value.npos;
      REQUIRE(inet_pton(six ? AF_INET6 : AF_INET, value.c_str(), address.data()) == 1);
      value.assign(reinterpret_cast<const char*>(address.data()), six ? 16 : 4);
    }
    const int type = kind == "DNS" ? GEN_DNS : kind == "IP" ? GEN_IPADD : kind == "URI" ? GEN_URI : GEN_EMAIL;
    ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
    GENERAL_NAME_set0_value(entry, type, text);
    sk_GENERAL_NAME_push(list, entry);
  }
  REQUIRE(X509_add1_ext_i2d(&certificate, NID_subject_alt_name, list, 0, 0) == 1);
  GENERAL_NAMES_free(list);
}

/// A certificate for `key` as `wanted`, signed by `issuer`; by itself when that is null.
inline Made Make(const Wanted& wanted, const Made* issuer = nullptr, KeyPointer key = NewKey()) {
  static std::atomic<long> serial = 1;
  Made made{.certificate = CertificatePointer(X509_new()), .key = std::move(key)};
  X509& certificate = *made.certificate;
  X509_set_version(&certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(&certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(&certificate), wanted.begin);
  X509_gmtime_adj(X509_getm_notAfter(&certificate), wanted.end);
  X509_set_pubkey(&certificate, made.key.get());
  if (!wanted.name.empty()) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1, -1, 0);
  }
  const Made& signer = issuer == nullptr ? made : *issuer;
  X509_set_issuer_name(&certificate, X509_get_subject_name(signer.certificate.get()));
  AddBasicConstraints(certificate, wanted.authority);
  if (!wanted.san.empty()) AddAlternativeNames(certificate, wanted.san);
  REQUIRE(X509_sign(&certificate, signer.key.get(), EVP_sha256()) > 0);
  return made;
}

inline Made MakeAuthority(const std::string& name = "authority") {
  return Make({.name = name, .san = "", .authority = true});
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "iris-XXXXXX").string()) {
    REQUIRE(mkdtemp(path_.data()));
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Writes a file; returns its path.
  std::string Write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << content;
    return path_ + "/" + name;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace iris
