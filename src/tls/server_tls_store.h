// SPDX-License-Identifier: Apache-2.0
//
// The certificate, key and client trust that new handshakes of a server get, re-read from their files without a
// restart. What cannot be used never replaces what can: a file that is half written, a pair that does not match.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "src/base/error.h"
#include "src/tls/identity.h"

namespace iris {

/// How a server speaks TLS.
struct ServerTls {
  TlsIdentity identity;
  /// Clients must show a certificate that one of these (PEM) issued. Empty: none is asked for.
  std::string client_trust;
};

/// Where it is read from. The first two may be one file.
struct ServerTlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;  ///< Empty: clients are not asked for a certificate.
};

/// Get is safe from any thread; Reload and FilesChanged belong to one.
class ServerTlsStore {
 public:
  struct Snapshot {
    std::uint64_t version;                 ///< From 1; another one when the content is another.
    std::shared_ptr<const ServerTls> tls;  ///< Not null.
  };

  /// Reads and checks the files. Errors: kIo, kConfiguration, as LoadTlsIdentity and LoadTrust say; each names the
  /// file.
  static Result<std::shared_ptr<ServerTlsStore>> Load(ServerTlsFiles files);

  /// Holds `tls`, which no file stands behind, so that Reload changes nothing.
  explicit ServerTlsStore(ServerTls tls);

  /// Reads the files again. Returns whether the content is another than before, and Get gives it then. Files that are
  /// being replaced while they are read are read once more, so certificate and key are of one time.
  /// Errors: as Load; what Get gives stays as it was.
  Result<bool> Reload();

  /// Whether any file is another than when it was last read (by Load or Reload): what the path leads to, its size, or
  /// when it was changed. Reads none of them.
  bool FilesChanged() const;

  Snapshot Get() const;
  const ServerTlsFiles& files() const { return files_; }

 private:
  /// What tells one state of a file from another; all zero for a file that is not there, or is no regular one.
  struct FileState {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified = 0;  ///< Units: ns.
    std::int64_t changed = 0;   ///< Units: ns. Of the inode: tells a copy that kept its date.

    friend bool operator==(const FileState&, const FileState&) = default;
  };
  using FileStates = std::array<FileState, 3>;

  explicit ServerTlsStore(ServerTlsFiles files) : files_(std::move(files)) {}
  static FileState StateOf(const std::string& file);
  FileStates States() const;
  Result<ServerTls> Read();

  const ServerTlsFiles files_;
  FileStates read_;  // before the last reading
  mutable std::mutex mutex_;
  Snapshot current_{.version = 0, .tls = nullptr};  // guarded by mutex_
};

}  // namespace iris
