// SPDX-License-Identifier: Apache-2.0

#include "src/cli/credentials_directory.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace iris {
namespace {

constexpr const char* kCertificate = "tls.crt";
constexpr const char* kKey = "tls.key";
constexpr const char* kClientCa = "client-ca.crt";

/// What is there but cannot be reached counts: whoever reads it will say why.
bool Exists(const std::string& file) {
  return access(file.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

std::unexpected<Error> Lacks(const std::string& directory, const char* missing, const char* found) {
  return Fail(ErrorCode::kConfiguration, "$CREDENTIALS_DIRECTORY (" + directory + ") holds " + found + " and no " +
                                             missing + "; TLS needs tls.crt and tls.key: put both there, or none");
}

}  // namespace

std::optional<std::string> CredentialsDirectory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory == '\0') return std::nullopt;
  return directory;
}

Result<std::optional<ServerTlsFiles>> FindCredentials(const std::optional<std::string>& directory) {
  if (!directory) return std::nullopt;
  ServerTlsFiles files{.certificate = *directory + "/" + kCertificate,
                       .key = *directory + "/" + kKey,
                       .client_ca = *directory + "/" + kClientCa};
  const bool certificate = Exists(files.certificate);
  const bool key = Exists(files.key);
  const bool client_ca = Exists(files.client_ca);
  if (!certificate && !key && !client_ca) return std::nullopt;
  if (!certificate) return Lacks(*directory, kCertificate, key ? kKey : kClientCa);
  if (!key) return Lacks(*directory, kKey, kCertificate);
  if (!client_ca) files.client_ca.clear();
  return files;
}

}  // namespace iris
