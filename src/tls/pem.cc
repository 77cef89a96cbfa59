// SPDX-License-Identifier: Apache-2.0

#include "src/tls/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>

#include "src/base/atomic_file.h"

namespace iris {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{4} << 20;  // a system's whole bundle of roots is 0.2 MB

using BioPointer = std::unique_ptr<BIO, FreeWith<&BIO_free_all>>;

BioPointer Over(const std::string& text) {
  ERR_clear_error();
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Content(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// Without a function, OpenSSL would ask at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

// PKCS#8's way of saying it, and that of the older formats. The static build's OpenSSL cannot decrypt keys, and so does
// not ask.
bool IsEncrypted(const std::string& key) {
  return key.find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != key.npos ||
         key.find("Proc-Type: 4,ENCRYPTED") != key.npos;
}

// "2026-01-31 23:59 UTC"
std::string ToText(const ASN1_TIME& time) {
  std::tm parts{};
  std::array<char, 32> text{};
  if (ASN1_TIME_to_tm(&time, &parts) != 1) return "an unreadable date";
  if (std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts) == 0) return "an unreadable date";
  return text.data();
}

// How many lines begin a certificate, also those that OpenSSL passes over because something that nobody sees stands before
// the dashes: white space, a NUL. What a person wrote before them (a comment's sign) is meant.
std::size_t BegunCertificates(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t dashes = line.find("-----BEGIN ");
    const bool unseen = dashes != line.npos && std::ranges::all_of(line.substr(0, dashes), [](unsigned char letter) {
                          return letter <= ' ' || letter == 0x7F;
                        });
    if (unseen && line.find("CERTIFICATE-----", dashes) != line.npos) ++count;
  }
  return count;
}

}  // namespace

Result<std::string> ReadPemFile(const std::string& file) {
  Result<std::string> text = ReadFile(file, kMaxBytes);
  if (!text && text.error().code == ErrorCode::kBadData) {
    return Fail(ErrorCode::kConfiguration, text.error().message + "; expected a PEM file");
  }
  return text;
}

Result<std::vector<CertificatePointer>> ReadCertificates(const std::string& file) {
  const Result<std::string> text = ReadPemFile(file);
  if (!text) return std::unexpected(text.error());
  const BioPointer bio = Over(*text);
  std::vector<CertificatePointer> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = TakeOpenSslReason();
  if (!at_end) {
    return Fail(ErrorCode::kConfiguration, "certificate " + std::to_string(certificates.size() + 1) + " in " + file +
                                               " is damaged (" + reason +
                                               "); copy the file again from where it was made");
  }
  if (const std::size_t begun = BegunCertificates(*text); begun > certificates.size()) {
    return Fail(ErrorCode::kConfiguration, file + " has " + std::to_string(begun) + " lines that begin a certificate, " +
                                               std::to_string(begun - certificates.size()) +
                                               " of them with something before -----BEGIN, so that it would be left out; "
                                               "copy the file again from where it was made");
  }
  if (certificates.empty()) {
    return Fail(ErrorCode::kConfiguration,
                file + (text->empty() ? " is empty" : " holds no certificate in PEM form") +
                    "; expected a block that starts with -----BEGIN CERTIFICATE-----");
  }
  return certificates;
}

Result<KeyPointer> ReadPrivateKey(const std::string& file) {
  const Result<std::string> text = ReadPemFile(file);
  if (!text) return std::unexpected(text.error());
  const BioPointer bio = Over(*text);
  KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  const std::string reason = TakeOpenSslReason();
  if (key) return key;
  if (IsEncrypted(*text)) {
    return Fail(ErrorCode::kConfiguration,
                "the private key in " + file +
                    " is encrypted, and nobody is there to be asked for its passphrase; store it decrypted "
                    "(openssl pkey -in ENCRYPTED -out KEY), readable only by the user that runs this");
  }
  if (text->find("PRIVATE KEY-----") == text->npos) {
    const bool certificate = text->find("-----BEGIN CERTIFICATE-----") != text->npos;
    return Fail(ErrorCode::kConfiguration,
                file + (text->empty()  ? " is empty"
                        : certificate ? " holds a certificate and no private key"
                                      : " holds no private key in PEM form") +
                    "; expected a block that starts with -----BEGIN PRIVATE KEY-----");
  }
  return Fail(ErrorCode::kConfiguration, "the private key in " + file +
                                             " is damaged, or of a kind that is not known (" + reason +
                                             "); copy it again from where it was made, or make an EC key of 256 bits, "
                                             "or RSA of 2048 or more");
}

std::string ToPem(X509& certificate) {
  const BioPointer bio(BIO_new(BIO_s_mem()));
  return bio && PEM_write_bio_X509(bio.get(), &certificate) == 1 ? Content(*bio) : std::string();
}

std::string ToPem(EVP_PKEY& key) {
  const BioPointer bio(BIO_new(BIO_s_secmem()));
  const bool written =
      bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return written ? Content(*bio) : std::string();
}

std::string TakeOpenSslReason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason == nullptr ? "no reason given" : reason;
  ERR_clear_error();
  return text;
}

Result<void> CheckValidToday(const X509& certificate, const std::string& what) {
  const ASN1_TIME& begin = *X509_get0_notBefore(&certificate);
  const ASN1_TIME& end = *X509_get0_notAfter(&certificate);
  if (X509_cmp_current_time(&end) < 0) {
    return Fail(ErrorCode::kConfiguration,
                what + " expired on " + ToText(end) + "; renew it, or set this machine's clock if that is wrong");
  }
  if (X509_cmp_current_time(&begin) > 0) {
    return Fail(ErrorCode::kConfiguration, what + " is not valid before " + ToText(begin) +
                                               "; wait, or set this machine's clock if that is wrong");
  }
  return {};
}

std::chrono::system_clock::time_point ExpiryTime(const X509& certificate) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &time) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

std::string ExpiryText(const X509& certificate) { return ToText(*X509_get0_notAfter(&certificate)); }

}  // namespace iris
