// SPDX-License-Identifier: Apache-2.0
//
// PEM files: what reads as an identity reads the same from the PEM that was made of it; no message shows the content.

#include <string>

#include "src/tls/identity.h"
#include "src/tls/pem.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace iris;
  const fuzz::MemoryFile file(fuzz::Text(data, size));
  const auto certificates = ReadCertificates(file.path());
  if (certificates) {
    fuzz::Require(!certificates->empty(), "at least one certificate");
    std::string pem;
    for (const CertificatePointer& certificate : *certificates) pem += ToPem(*certificate);
    const fuzz::MemoryFile written(pem);
    const auto again = ReadCertificates(written.path());
    fuzz::Require(again && again->size() == certificates->size(), "certificates read again",
                  again ? "" : again.error().message);
    for (std::size_t i = 0; i < again->size(); ++i) {
      fuzz::Require(X509_cmp((*again)[i].get(), (*certificates)[i].get()) == 0, "the same");
      if (const Result<void> valid = CheckValidToday(*(*again)[i], "it"); !valid) {
        fuzz::RequireMessage(valid.error().message);
      }
    }
  } else {
    fuzz::RequireMessage(certificates.error().message);
  }
  const auto key = ReadPrivateKey(file.path());
  if (!key) fuzz::RequireMessage(key.error().message);
  const Result<TlsIdentity> identity = LoadTlsIdentity(file.path(), file.path());
  if (!identity) {
    fuzz::RequireMessage(identity.error().message);
    return 0;
  }
  const fuzz::MemoryFile written(identity->certificate_chain + identity->private_key);
  const Result<TlsIdentity> again = LoadTlsIdentity(written.path(), written.path());
  fuzz::Require(again && again->certificate_chain == identity->certificate_chain &&
                    again->private_key == identity->private_key,
                "an identity reads the same again", again ? "" : again.error().message);
  return 0;
}
