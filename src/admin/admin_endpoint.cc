// SPDX-License-Identifier: Apache-2.0

#include "src/admin/admin_endpoint.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "src/base/number.h"

namespace iris {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view Trim(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// What stands before the next `separator`, which is taken off `text` with it.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = Trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool IsEqualInAnyCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The q among the parameters of one element; 1 where there is none, 0 where it is no number.
double Quality(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = TakeUntil(parameters, ';');
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      return ParseDouble(parameter.substr(2)).value_or(0.0);
    }
  }
  return 1.0;
}

}  // namespace

ExpositionFormat PreferredFormat(std::string_view accept) {
  double open_metrics = 0;
  double plain = 0;
  while (!accept.empty()) {
    std::string_view element = TakeUntil(accept, ',');
    const std::string_view type = TakeUntil(element, ';');
    const double quality = Quality(element);
    if (IsEqualInAnyCase(type, "application/openmetrics-text")) open_metrics = std::max(open_metrics, quality);
    if (IsEqualInAnyCase(type, "text/plain")) plain = std::max(plain, quality);
  }
  return open_metrics > 0 && open_metrics >= plain ? ExpositionFormat::kOpenMetrics : ExpositionFormat::kPrometheus;
}

Result<std::unique_ptr<HttpServer>> StartAdminEndpoint(Listener listener, Server& server, const ServerMetrics& metrics,
                                                       std::string version_json) {
  std::vector<HttpPage> pages;
  pages.push_back({"/metrics", [&server, &metrics](std::string_view accept) -> HttpResponse {
                     const ExpositionFormat format = PreferredFormat(accept);
                     return {.content_type = std::string(ContentTypeOf(format)), .body = metrics.Page(format, server)};
                   }});
  pages.push_back({"/healthz", [](std::string_view) -> HttpResponse { return {.body = "ok\n"}; }});
  pages.push_back({"/readyz", [&server](std::string_view) -> HttpResponse {
                     if (server.serving()) return {.body = "ok\n"};
                     return {.status = 503, .body = "draining\n"};
                   }});
  pages.push_back({"/version", [json = std::move(version_json)](std::string_view) -> HttpResponse {
                     return {.content_type = "application/json", .body = json};
                   }});
  return HttpServer::Start(std::move(listener), std::move(pages));
}

}  // namespace iris
