// SPDX-License-Identifier: Apache-2.0
//
// What an operator's tools ask a server over plain HTTP:
//
//   /metrics   Prometheus' text format, or OpenMetrics where Accept prefers it
//   /healthz   200 while the process lives
//   /readyz    200 while calls are taken; 503 while it drains
//   /version   what the program is, as JSON

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/admin/http_server.h"
#include "src/admin/server_metrics.h"
#include "src/base/error.h"
#include "src/metrics/exposition.h"
#include "src/serving/server.h"
#include "src/system/listener.h"

namespace iris {

/// Serves the pages on `listener` (taken over) until the result is destroyed. `server` and `metrics` must outlive that.
/// Errors: kIo when the thread or the descriptors that it needs cannot be had.
Result<std::unique_ptr<HttpServer>> StartAdminEndpoint(Listener listener, Server& server, const ServerMetrics& metrics,
                                                       std::string version_json);

/// The format that an Accept header prefers; Prometheus' own where it does not say.
/// Source: RFC 9110, 12.5.1, as far as the two need it: media types in any case, q from 0 to 1.
ExpositionFormat PreferredFormat(std::string_view accept);

}  // namespace iris
