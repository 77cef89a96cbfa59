// SPDX-License-Identifier: Apache-2.0
//
// What came of reading things again while the server ran.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "src/metrics/exposition.h"

namespace iris {

enum class ReloadSubject { kModel, kTls, kLog };
inline constexpr std::size_t kReloadSubjects = 3;

/// Safe from any thread.
class ReloadMetrics {
 public:
  /// Something was read again; `ok`: and is in use now.
  void Done(ReloadSubject subject, bool ok);

  void Write(Exposition& exposition) const;

 private:
  struct Outcomes {
    std::atomic<std::uint64_t> succeeded = 0;
    std::atomic<std::uint64_t> failed = 0;
    std::atomic<bool> last_ok = true;
    std::atomic<std::int64_t> last_success = 0;  // milliseconds since 1970; 0: none yet
  };

  std::array<Outcomes, kReloadSubjects> outcomes_;
};

}  // namespace iris
