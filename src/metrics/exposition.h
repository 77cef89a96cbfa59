// SPDX-License-Identifier: Apache-2.0
//
// Writes metrics as text for Prometheus: its own format 0.0.4, or OpenMetrics 1.0. A page is a sequence of families; a
// family is its name, type and help, and then all its samples:
//
//   # HELP iris_predictions_total Rows predicted, by class.
//   # TYPE iris_predictions_total counter
//   iris_predictions_total{class="setosa"} 50
//
// OpenMetrics differs in this: the TYPE and HELP of a counter leave out its _total, and the page ends with "# EOF".
// Source: prometheus.io/docs/instrumenting/exposition_formats, the OpenMetrics specification 1.0.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace iris {

enum class ExpositionFormat { kPrometheus, kOpenMetrics };
enum class MetricType { kCounter, kGauge, kHistogram };

/// What a response in that format says in Content-Type.
std::string_view ContentTypeOf(ExpositionFormat format);

class Exposition {
 public:
  /// Names are the program's own; values may be anything.
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  explicit Exposition(ExpositionFormat format) : format_(format) {}

  /// Begins a family. `name` as samples have it: a counter ends with _total. Requires: each name once a page; `help` is
  /// one line without backslashes.
  void Family(std::string_view name, MetricType type, std::string_view help);

  /// A sample of the family that was begun last; `suffix` stands behind the name (_bucket, _sum, _count).
  void Sample(Labels labels, std::uint64_t value, std::string_view suffix = {});
  void Sample(Labels labels, double value, std::string_view suffix = {});
  void Sample(std::span<const Label> labels, std::uint64_t value);

  /// The page. Nothing is added afterwards.
  std::string Finish() &&;

 private:
  void Add(std::initializer_list<std::string_view> parts);
  void AddName(std::span<const Label> labels, std::string_view suffix);

  const ExpositionFormat format_;
  std::string family_;
  std::string text_;
};

}  // namespace iris
