// SPDX-License-Identifier: Apache-2.0

#include "src/metrics/prediction_metrics.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace iris {
namespace {

// A longer name is cut, so that a page stays small whatever a model calls its classes.
constexpr std::size_t kMostNameBytes = 128;

// A number from 0 to 15 that tends to differ between threads: from the address of a variable that each has its own of.
std::size_t ShardOfThread() {
  thread_local char mine;
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  constexpr int kTopBits = 60;
  return (reinterpret_cast<std::uintptr_t>(&mine) * kGolden) >> kTopBits;
}

}  // namespace

class PredictionMetrics::Tally final : public PredictionTally {
 public:
  Tally(PredictionMetrics& metrics, std::vector<std::size_t> series)
      : metrics_(metrics), series_(std::move(series)) {}

  void Add(std::int32_t label, std::uint64_t rows) override {
    metrics_.Add(series_[static_cast<std::size_t>(label)], rows);
  }

 private:
  PredictionMetrics& metrics_;
  const std::vector<std::size_t> series_;  // by label
};

std::shared_ptr<PredictionTally> PredictionMetrics::TallyFor(const std::vector<std::string>& class_names) {
  std::vector<std::size_t> series;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < class_names.size(); ++i) series.push_back(SeriesOf(class_names[i], i));
  return std::make_shared<Tally>(*this, std::move(series));
}

std::size_t PredictionMetrics::SeriesOf(const std::string& name, std::size_t index) {
  Class wanted{.name = name.substr(0, kMostNameBytes), .index = std::to_string(index)};
  const auto same = [&](const Class& known) { return known.name == wanted.name && known.index == wanted.index; };
  const auto found = std::ranges::find_if(classes_, same);
  if (found != classes_.end()) return static_cast<std::size_t>(found - classes_.begin());
  if (classes_.size() == kMostClasses) {
    has_other_ = true;
    return kOther;
  }
  classes_.push_back(std::move(wanted));
  return classes_.size() - 1;
}

void PredictionMetrics::Add(std::size_t series, std::uint64_t rows) {
  shards_[ShardOfThread()].rows[series].fetch_add(rows, std::memory_order_relaxed);
}

std::uint64_t PredictionMetrics::Sum(std::size_t series) const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.rows[series].load(std::memory_order_relaxed);
  return sum;
}

void PredictionMetrics::Write(Exposition& exposition) const {
  exposition.Family("iris_predictions_total", MetricType::kCounter,
                    "Rows of answers whose class was predicted, by class (its name and its index in the model).");
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    exposition.Sample({{"class", classes_[i].name}, {"index", classes_[i].index}}, Sum(i));
  }
  if (has_other_) exposition.Sample({{"class", "other"}, {"index", ""}}, Sum(kOther));
}

}  // namespace iris
