// SPDX-License-Identifier: Apache-2.0

#include "src/tls/identity.h"

#include "catch_amalgamated.hpp"
#include "tests/tls/certificates.h"

namespace iris {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;

// Loads what is expected to be refused.
Error Refused(const std::string& certificate_file, const std::string& key_file) {
  const Result<TlsIdentity> identity = LoadTlsIdentity(certificate_file, key_file);
  REQUIRE_FALSE(identity);
  return identity.error();
}

void CheckRefused(const std::string& certificate_file, const std::string& key_file, ErrorCode code,
                  const std::string& message) {
  const Error error = Refused(certificate_file, key_file);
  CHECK(error.code == code);
  CHECK_THAT(error.message, StartsWith(message));
}

// An EC key as `openssl pkey -aes256` and `openssl ec -aes256` encrypt it. What is in them is never looked at.
constexpr const char* kEncryptedPkcs8 = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhOrSXXfw47TAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEH+nG2tEAN6fvD0BTr18orIEgZAU
gj34uFs/etPa3nj0YcgBdoQOJA44b67z/R9NOfsuv7HzHmcIZyvMS1YbKgxmNkq8
0KL1pnX3E7wy8Fd7WTT2HyaEKr4fBj0ClNP+QkAo4LusePFwZhaD/KTAT4KvbaGQ
DE20glQxBaFC1+FDy8e2GlqSHYBPS4UZbDejySDhKM5GwdYHMLI/w2atcSPL6MU=
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr const char* kEncryptedSec1 = R"(-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,70DC7477E7A61C9E682CE3C15DE32918

tcL4dc6aTj585KdfIjZKWk+4Mxxp426Inmmj0odmqu5fG3FZBQlp4NFPs0q8P01d
ig/7jmVxICeBFt1AbHRcvqP+P/I7uqpw0ClBvEubEOYUDm9nQy0Chx+cTtvUnS5v
O07FYSKRRCRVjeQ3/M3hZ8yIiiu/LRz6a0bMgDXS+uE=
-----END EC PRIVATE KEY-----
)";

TEST_CASE("a certificate, its chain and its key are loaded") {
  const Folder folder;
  const Made authority = MakeAuthority();
  const Made middle = Make({.name = "middle", .san = "", .authority = true}, &authority);
  const Made made = Make({}, &middle);
  const std::string chain = made.cert_pem() + middle.cert_pem();

  const auto identity = LoadTlsIdentity(folder.Write("c", chain), folder.Write("k", made.key_pem()));
  REQUIRE(identity);
  CHECK(identity->certificate_chain == chain);
  CHECK(identity->private_key == made.key_pem());
  CHECK_THAT(identity->valid_until, Matches("20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC"));

  // One file for both, with text around the blocks, as `openssl ca` and many people make them.
  const std::string both = folder.Write("both", "engine:x:y\nsubject=test\n" + made.key_pem() + "\n# and\n" + chain);
  const auto same = LoadTlsIdentity(both, both);
  REQUIRE(same);
  CHECK(same->certificate_chain == chain);
  CHECK(same->private_key == made.key_pem());
}

TEST_CASE("an RSA key is taken, too") {
  const Folder folder;
  const Made made = Make({}, nullptr, KeyPointer(EVP_RSA_gen(2048)));
  CHECK(LoadTlsIdentity(folder.Write("c", made.cert_pem()), folder.Write("k", made.key_pem())));
}

TEST_CASE("what cannot be read or is something else is refused by name") {
  const Folder folder;
  const Made made = Make({});
  const std::string cert = folder.Write("c", made.cert_pem());
  const std::string key = folder.Write("k", made.key_pem());
  const std::string empty = folder.Write("empty", "");
  const std::string text = folder.Write("text", "hello\n");
  const std::string none = folder.path() + "/none";

  CheckRefused(none, key, ErrorCode::kIo, "cannot open " + none);
  CheckRefused(cert, none, ErrorCode::kIo, "cannot open " + none);
  CheckRefused(folder.path(), key, ErrorCode::kConfiguration, folder.path() + " is a directory");
  CheckRefused(empty, key, ErrorCode::kConfiguration, empty + " is empty; expected a block");
  CheckRefused(cert, empty, ErrorCode::kConfiguration, empty + " is empty; expected a block");
  CheckRefused(text, key, ErrorCode::kConfiguration, text + " holds no certificate in PEM form");
  CheckRefused(cert, text, ErrorCode::kConfiguration, text + " holds no private key in PEM form");
  CheckRefused(key, cert, ErrorCode::kConfiguration, key + " holds no certificate in PEM form");
  CheckRefused(cert, cert, ErrorCode::kConfiguration, cert + " holds a certificate and no private key");
  const std::string big = folder.Write("big", std::string((4u << 20) + 1, 'x'));
  CheckRefused(big, key, ErrorCode::kConfiguration, big + " is larger");
}

TEST_CASE("damaged files are refused, and no message shows what was in the key") {
  const Folder folder;
  const Made made = Make({});
  const std::string cert_pem = made.cert_pem();
  const std::string key_pem = made.key_pem();
  const std::string cert = folder.Write("c", cert_pem);
  const std::string key = folder.Write("k", key_pem);
  for (std::size_t cut = 1; cut < key_pem.size(); cut += 7) {
    const std::string shorter = folder.Write("cut", key_pem.substr(0, key_pem.size() - cut));
    if (key_pem.size() - cut >= key_pem.rfind("-----")) continue;  // only the last line is short
    const Error error = Refused(cert, shorter);
    CHECK(error.code == ErrorCode::kConfiguration);
    CHECK_THAT(error.message, ContainsSubstring(shorter));
    CHECK(error.message.find(key_pem.substr(30, 8)) == std::string::npos);
  }
  std::string flipped = cert_pem + cert_pem;
  flipped.replace(cert_pem.size() + 200, 4, "!!!!");
  CheckRefused(folder.Write("flipped", flipped), key, ErrorCode::kConfiguration,
               "certificate 2 in " + folder.path() + "/flipped is damaged (");
}

TEST_CASE("a certificate that OpenSSL would pass over is not left out in silence") {
  const Folder folder;
  const Made made = Make({});
  const std::string pem = made.cert_pem();
  const std::string key = folder.Write("k", made.key_pem());
  for (const std::string& before : {std::string(" "), std::string("\t"), std::string(1, '\0')}) {
    const std::string file = folder.Write("c", pem + before + pem);
    CheckRefused(file, key, ErrorCode::kConfiguration,
                 file + " has 2 lines that begin a certificate, 1 of them with something before -----BEGIN");
  }
  // What a person put before it is meant; text between two is, as well.
  const std::string file = folder.Write("c", pem + "# -----BEGIN CERTIFICATE-----\nthe old one\n" + pem);
  CHECK(LoadTlsIdentity(file, key));
}

TEST_CASE("an encrypted key is refused without asking anybody") {
  const Folder folder;
  const Made made = Make({});
  const std::string key = folder.Write("k", GENERATE(kEncryptedPkcs8, kEncryptedSec1));
  CheckRefused(folder.Write("c", made.cert_pem()), key, ErrorCode::kConfiguration,
               "the private key in " + key + " is encrypted");
}

TEST_CASE("a key and a certificate that do not belong together are refused") {
  const Folder folder;
  const Made authority = MakeAuthority();
  const Made made = Make({}, &authority);
  const std::string cert = folder.Write("c", made.cert_pem());
  const std::string other = folder.Write("k", MakeAuthority().key_pem());
  CheckRefused(cert, other, ErrorCode::kConfiguration,
               "the key in " + other + " does not belong to the certificate in " + cert);
  const std::string wrong_order = folder.Write("order", authority.cert_pem() + made.cert_pem());
  const std::string key = folder.Write("key", made.key_pem());
  CheckRefused(wrong_order, key, ErrorCode::kConfiguration,
               "the key in " + key + " belongs to certificate 2 in " + wrong_order + ", not to the first");
}

TEST_CASE("a certificate is refused outside its time") {
  const Folder folder;
  const Made old = Make({.begin = -2 * kDay, .end = -60});
  const std::string expired = folder.Write("c", old.cert_pem());
  CheckRefused(expired, folder.Write("k", old.key_pem()), ErrorCode::kConfiguration,
               "the certificate in " + expired + " expired on 20");
  const Made young = Make({.begin = 3600});
  const std::string early = folder.Write("c2", young.cert_pem());
  CheckRefused(early, folder.Write("k2", young.key_pem()), ErrorCode::kConfiguration,
               "the certificate in " + early + " is not valid before 20");
}

TEST_CASE("a key too short for TLS is refused at once and not at the first handshake") {
  const Folder folder;
  const Made weak = Make({}, nullptr, KeyPointer(EVP_RSA_gen(512)));
  const std::string cert = folder.Write("c", weak.cert_pem());
  CheckRefused(cert, folder.Write("k", weak.key_pem()), ErrorCode::kConfiguration,
               "the certificate in " + cert + " cannot be used for TLS (ee key too small)");
}

}  // namespace
}  // namespace iris
