// SPDX-License-Identifier: Apache-2.0

#include "src/cli/tls_reload.h"

#include <algorithm>
#include <utility>

#include "src/system/log.h"

namespace iris {
namespace {

constexpr std::chrono::milliseconds kSecondLook{1000};
/// Certificates that are renewed by themselves are renewed a month before the end, or at two thirds of their life.
constexpr std::chrono::days kRenewalIsDue{14};
/// Looking costs three stat calls; this is often enough for anybody.
constexpr std::chrono::milliseconds kLeastInterval{100};

}  // namespace

void WarnOfExpiry(const ServerTlsStore& store) {
  const ServerTlsStore::Snapshot snapshot = store.Get();
  const auto left = snapshot.tls->identity.expires - std::chrono::system_clock::now();
  if (left >= kRenewalIsDue) return;
  const std::string& file = store.files().certificate;
  Log(LogLevel::kWarning,
      "the certificate " + file + " expires on " + snapshot.tls->identity.valid_until +
          "; clients refuse it from then on: renew it, and see why that has not happened by itself",
      {{.name = "certificate", .value = file}});
}

TlsReload::TlsReload(std::shared_ptr<ServerTlsStore> store, std::chrono::milliseconds interval, ReloadOutcome outcome,
                     const Confinement* confinement)
    : store_(std::move(store)),
      interval_(interval.count() == 0 ? interval : std::max(interval, kLeastInterval)),
      outcome_(std::move(outcome)),
      confinement_(confinement) {}

Result<bool> TlsReload::Read() {
  Result<bool> reloaded = store_->Reload();
  if (reloaded || confinement_ == nullptr) return reloaded;
  const ServerTlsFiles& files = store_->files();
  return std::unexpected(confinement_->Explain(reloaded.error(), {files.certificate, files.key, files.client_ca}));
}

bool TlsReload::Reload() {
  const Result<bool> reloaded = Read();
  failing_ = !reloaded;
  Tell(reloaded);
  return !failing_;
}

std::optional<std::chrono::milliseconds> TlsReload::Look() {
  if (interval_.count() == 0) return std::nullopt;
  if (!failing_ && !store_->FilesChanged()) return interval_;
  const Result<bool> reloaded = Read();
  const bool failed_before = std::exchange(failing_, !reloaded);
  if (failing_ && !failed_before) return std::min(interval_, kSecondLook);
  const bool news = reloaded ? *reloaded || !told_.empty() : reloaded.error().message != told_;
  if (news) Tell(reloaded);
  return interval_;
}

void TlsReload::Tell(const Result<bool>& reloaded) {
  if (outcome_) outcome_(reloaded.has_value());
  const std::string valid = "valid until " + store_->Get().tls->identity.valid_until;
  if (!reloaded) {
    told_ = reloaded.error().message;
    Log(LogLevel::kError, "cannot reload the certificate: " + told_ + "; the old one stays, " + valid);
    return;
  }
  told_.clear();
  const ServerTlsFiles& files = store_->files();
  const std::string what = files.certificate + (files.client_ca.empty() ? "" : " and the client CA " + files.client_ca);
  Log(LogLevel::kInfo, (*reloaded ? "reloaded the certificate " : "unchanged: the certificate ") + what + ", " + valid,
      {{.name = "certificate", .value = files.certificate}, {.name = "changed", .value = *reloaded}});
  WarnOfExpiry(*store_);
}

}  // namespace iris
