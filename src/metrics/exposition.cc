// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/exposition.h"

#include <cmath>

#include "src/base/number.h"
#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::string_view kTotal = "_total";

std::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "untyped";
}

// A label's value: UTF-8 with backslash, quote and line feed escaped. Bytes that are no UTF-8 would make a scraper
// refuse the whole page, so what has any is written in ASCII.
void AddEscaped(std::string& text, std::string_view value) {
  const bool utf8 = IsUtf8(value);
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      text += '\\';
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += utf8 || static_cast<unsigned char>(c) < 0x80 ? c : '?';
    }
  }
}

std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return FormatDouble(value);
}

}  // namespace

std::string_view ContentTypeOf(ExpositionFormat format) {
  return format == ExpositionFormat::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                  : "text/plain; version=0.0.4; charset=utf-8";
}

void Exposition::Family(std::string_view name, MetricType type, std::string_view help) {
  family_ = name;
  std::string_view described = name;
  if (format_ == ExpositionFormat::kOpenMetrics && type == MetricType::kCounter) described.remove_suffix(kTotal.size());
  Add({"# HELP ", described, " ", help, "\n# TYPE ", described, " ", TypeName(type), "\n"});
}

void Exposition::Add(std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) text_ += part;
}

void Exposition::AddName(std::span<const Label> labels, std::string_view suffix) {
  Add({family_, suffix});
  std::string_view before = "{";
  for (const auto& [name, value] : labels) {
    Add({before, name, "=\""});
    AddEscaped(text_, value);
    text_ += '"';
    before = ",";
  }
  text_ += labels.empty() ? " " : "} ";
}

void Exposition::Sample(Labels labels, std::uint64_t value, std::string_view suffix) {
  AddName({labels.begin(), labels.size()}, suffix);
  Add({std::to_string(value), "\n"});
}

void Exposition::Sample(Labels labels, double value, std::string_view suffix) {
  AddName({labels.begin(), labels.size()}, suffix);
  Add({NumberText(value), "\n"});
}

void Exposition::Sample(std::span<const Label> labels, std::uint64_t value) {
  AddName(labels, {});
  Add({std::to_string(value), "\n"});
}

std::string Exposition::Finish() && {
  if (format_ == ExpositionFormat::kOpenMetrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace iris
