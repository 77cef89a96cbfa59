// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP/1.1 server for pages that are made when they are asked for: GET and HEAD, exact paths, one thread.
//
// Made to be reachable when things are bad. Connections are bounded; when they are all taken, those that have been
// without a request for longest make room, so that silent or slow clients cannot keep anybody else out; a request has to
// be complete within a few seconds, however its bytes arrive. Headers beyond 8 KiB are answered with 431, bodies with
// 413, other methods with 405, other paths with 404.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/system/listener.h"

namespace iris {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body{};
};

/// One path. `make` runs on the server's thread; `accept` is the request's Accept header, empty when it has none.
struct HttpPage {
  std::string path;  ///< "/metrics"
  std::function<HttpResponse(std::string_view accept)> make;
};

class HttpServer {
 public:
  /// Answers on `listener` (taken over) from now on. Errors: kIo when the thread or the descriptors that it needs cannot
  /// be had.
  static Result<std::unique_ptr<HttpServer>> Start(Listener listener, std::vector<HttpPage> pages);

  /// Closes the listener and all connections.
  virtual ~HttpServer() = default;
};

}  // namespace iris
