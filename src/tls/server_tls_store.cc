// SPDX-License-Identifier: Apache-2.0

#include "src/tls/server_tls_store.h"

#include <sys/stat.h>

#include <initializer_list>
#include <utility>

#include "src/tls/trust.h"

namespace iris {
namespace {

// How often files are read that are always being replaced meanwhile.
constexpr int kAttempts = 5;

std::int64_t Nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

Result<ServerTls> ReadOnce(const ServerTlsFiles& files) {
  Result<TlsIdentity> identity = LoadTlsIdentity(files.certificate, files.key);
  if (!identity) return std::unexpected(std::move(identity.error()));
  ServerTls tls{.identity = *std::move(identity), .client_trust = ""};
  if (files.client_ca.empty()) return tls;
  Result<std::string> trust = LoadTrust(files.client_ca);
  if (!trust) return std::unexpected(std::move(trust.error()));
  tls.client_trust = *std::move(trust);
  return tls;
}

bool Same(const ServerTls& a, const ServerTls& b) {
  return a.identity.certificate_chain == b.identity.certificate_chain &&
         a.identity.private_key == b.identity.private_key && a.client_trust == b.client_trust;
}

// A pipe, such as a shell's <(command), gives its content once; opening it again would wait for a writer for ever.
Result<void> CheckReadableAgain(const std::string& file) {
  struct stat status{};
  const bool once = !file.empty() && stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) &&
                    !S_ISDIR(status.st_mode);
  if (!once) return {};
  return Fail(ErrorCode::kConfiguration,
              file + " is not a regular file and can be read only once; restart to have it read again");
}

}  // namespace

Result<std::shared_ptr<ServerTlsStore>> ServerTlsStore::Load(ServerTlsFiles files) {
  std::shared_ptr<ServerTlsStore> store(new ServerTlsStore(std::move(files)));
  Result<ServerTls> tls = store->Read();
  if (!tls) return std::unexpected(std::move(tls.error()));
  store->current_ = {.version = 1, .tls = std::make_shared<const ServerTls>(*std::move(tls))};
  return store;
}

ServerTlsStore::ServerTlsStore(ServerTls tls)
    : current_{.version = 1, .tls = std::make_shared<const ServerTls>(std::move(tls))} {}

Result<bool> ServerTlsStore::Reload() {
  if (files_.certificate.empty()) return false;
  for (const std::string* file : {&files_.certificate, &files_.key, &files_.client_ca}) {
    const Result<void> again = CheckReadableAgain(*file);
    if (!again) return std::unexpected(again.error());
  }
  Result<ServerTls> tls = Read();
  if (!tls) return std::unexpected(std::move(tls.error()));
  const std::lock_guard lock(mutex_);
  if (Same(*tls, *current_.tls)) return false;
  current_ = {.version = current_.version + 1, .tls = std::make_shared<const ServerTls>(*std::move(tls))};
  return true;
}

bool ServerTlsStore::FilesChanged() const { return States() != read_; }

ServerTlsStore::Snapshot ServerTlsStore::Get() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

ServerTlsStore::FileState ServerTlsStore::StateOf(const std::string& file) {
  struct stat status{};
  if (file.empty() || stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified = Nanoseconds(status.st_mtim),
          .changed = Nanoseconds(status.st_ctim)};
}

ServerTlsStore::FileStates ServerTlsStore::States() const {
  return {StateOf(files_.certificate), StateOf(files_.key), StateOf(files_.client_ca)};
}

Result<ServerTls> ServerTlsStore::Read() {
  for (int attempt = 1;; ++attempt) {
    read_ = States();
    Result<ServerTls> tls = ReadOnce(files_);
    if (attempt == kAttempts || States() == read_) return tls;
  }
}

}  // namespace iris
