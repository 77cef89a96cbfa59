// SPDX-License-Identifier: Apache-2.0

#include "src/dataset/libsvm.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "src/base/number.h"
#include "src/base/text.h"
#include "src/dataset/block_array.h"
#include "src/dataset/class_index.h"
#include "src/dataset/feature_names.h"

namespace iris {
namespace {

constexpr std::uint64_t kMaxIndex = std::numeric_limits<std::uint32_t>::max();  // that SparseMatrix can hold

bool IsGap(char c) { return c == ' ' || c == '\t'; }

bool AtLineEnd(const char* p, const char* end) {
  return p == end || *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] == '\n'));
}

/// Whether a label or a pair may end at `p`.
bool AtTokenEnd(const char* p, const char* end) { return AtLineEnd(p, end) || IsGap(*p) || *p == '#'; }

/// From `p` to the next gap or line end: what an error quotes.
std::string_view TokenAt(const char* p, const char* end) {
  const char* const start = p;
  while (p < end && !IsGap(*p) && *p != '\n' && *p != '\r') ++p;
  return {start, static_cast<std::size_t>(p - start)};
}

/// A feature's index in the file, and the ':' behind it.
struct IndexPrefix {
  std::uint64_t index;  ///< Above kMaxIndex: whatever.
  const char* colon;    ///< nullptr: there is no index with a colon.
};

IndexPrefix ParseIndex(const char* p, const char* end) {
  const char* const start = p;
  std::uint64_t index = 0;
  for (; p < end && *p >= '0' && *p <= '9'; ++p) {
    if (index <= kMaxIndex) index = index * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  return {index, p > start && p < end && *p == ':' ? p : nullptr};
}

/// Builds a table, line by line. Innermost loops, through raw pointers.
class LibsvmReader {
 public:
  LibsvmReader(TextBlocks& blocks, const std::string& origin, const TableRequest& request)
      : blocks_(blocks), origin_(origin), request_(request), classes_(MakeClasses(origin, request)) {
    const TableOptions& options = request.options;
    if (request.model != nullptr) {
      kept_ = request.model->feature_names.size();
      allowed_ = kMaxIndex;
    } else {
      allowed_ = options.feature_count != 0 ? options.feature_count : options.max_features;
      allowed_ = std::min(allowed_, kMaxIndex);
      kept_ = allowed_;
    }
    starts_.Append(0);
  }

  Result<Dataset> Read() {
    while (true) {
      const char* p = blocks_.window().data();
      const char* const end = p + blocks_.window().size();
      while (p < end) {
        line_start_ = p;
        const Result<const char*> next = TakeLine(p, end);
        if (!next) return std::unexpected(next.error());
        p = *next;
        ++line_;
      }
      if (blocks_.last()) return Finish();
      blocks_.Drop(blocks_.window().size());
      if (Result<void> more = blocks_.Advance(line_); !more) return std::unexpected(std::move(more.error()));
    }
  }

 private:
  static ClassIndex MakeClasses(const std::string& origin, const TableRequest& request) {
    if (request.model != nullptr) return {origin, request.model->class_names};
    return {origin, "the first number of each line"};
  }

  /// Reads the line at `p`. Result: the start of the next one.
  Result<const char*> TakeLine(const char* p, const char* end) {
    while (p < end && IsGap(*p)) ++p;
    if (AtLineEnd(p, end) || *p == '#') return NextLine(p, end);
    const NumberPrefix label = ParseDoublePrefix(p, end);
    if (label.end == nullptr || !AtTokenEnd(label.end, end)) return LabelError(p, end);
    if (!request_.samples_only) {
      const Result<std::int32_t> known = ClassOf(label.value, p);
      if (!known) return std::unexpected(known.error());
      labels_.Append(*known);
    }
    std::uint64_t previous = 0;
    for (p = label.end;;) {
      while (p < end && IsGap(*p)) ++p;
      if (AtLineEnd(p, end) || *p == '#') break;
      const IndexPrefix index = ParseIndex(p, end);
      if (index.colon == nullptr) return PairError(p, end);
      if (index.index <= previous || index.index > allowed_) return IndexError(p, index.index, previous);
      previous = index.index;
      const NumberPrefix value = ParseDoublePrefix(index.colon + 1, end);
      if (value.end == nullptr || !AtTokenEnd(value.end, end)) return ValueError(index.colon + 1, end);
      if (value.value != 0.0 && index.index <= kept_) {
        indices_.Append(static_cast<std::uint32_t>(index.index - 1));
        values_.Append(value.value);
      }
      p = value.end;
    }
    largest_ = std::max(largest_, previous);
    starts_.Append(values_.size());
    return NextLine(p, end);
  }

  static const char* NextLine(const char* p, const char* end) {
    const void* const line_end = p == end ? nullptr : std::memchr(p, '\n', static_cast<std::size_t>(end - p));
    return line_end == nullptr ? end : static_cast<const char*>(line_end) + 1;
  }

  /// Runs of one class are common, and looked up once.
  Result<std::int32_t> ClassOf(double label, const char* p) {
    if (!last_class_ || label != last_label_) {
      const Result<std::int32_t> found = classes_.OfNumber(label, At(p));
      if (!found) return found;
      last_class_ = *found;
      last_label_ = label;
    }
    return *last_class_;
  }

  Result<Dataset> Finish() {
    const TextPosition place{line_, 1};
    if (starts_.size() == 1) return TableError(origin_, place, "no rows", "lines of a label and index:value pairs");
    Dataset dataset;
    dataset.labels = labels_.Take();
    if (request_.model != nullptr) {
      dataset.class_names = request_.model->class_names;
      dataset.feature_names = request_.model->feature_names;
    } else {
      Result<std::vector<std::string>> names = std::move(classes_).Finish(request_.options.class_order, dataset.labels);
      if (!names) return std::unexpected(std::move(names.error()));
      dataset.class_names = *std::move(names);
      if (largest_ == 0) return TableError(origin_, {}, "labels alone", "index:value pairs behind them");
      const std::size_t asked = request_.options.feature_count;
      dataset.feature_names = MadeUpFeatureNames(asked != 0 ? asked : largest_);
    }
    SparseMatrix matrix;
    matrix.columns = dataset.feature_names.size();
    matrix.starts = starts_.Take();
    matrix.indices = indices_.Take();
    matrix.values = values_.Take();
    dataset.features = std::move(matrix);
    return dataset;
  }

  TextPosition At(const char* p) const { return {line_, static_cast<std::size_t>(p - line_start_) + 1}; }

  std::unexpected<Error> LoneReturn(const char* p) const {
    return TableError(origin_, At(p), "a carriage return alone", "line ends LF or CR LF");
  }

  Result<const char*> LabelError(const char* p, const char* end) const {
    const std::string_view token = TokenAt(p, end);
    if (const char* behind = p + token.size(); !AtLineEnd(behind, end) && *behind == '\r') return LoneReturn(behind);
    if (token.contains(':')) {
      return TableError(origin_, At(p), Quote(token), "a label (a number) before the index:value pairs");
    }
    const std::size_t comma = token.find(',');
    if (comma != std::string_view::npos && ParseDouble(token.substr(0, comma))) {
      return TableError(origin_, At(p), Quote(token) + " (several labels?)", "one label, a finite number");
    }
    return NumberError(origin_, At(p), token, " (the label; or is this a CSV? then say so: --format csv)");
  }

  Result<const char*> PairError(const char* p, const char* end) const {
    const std::string_view token = TokenAt(p, end);
    if (token.empty()) return LoneReturn(p);
    if (token.starts_with("qid:")) {
      return TableError(origin_, At(p), Quote(token), "index:value pairs only (a qid is for ranking, not for classes)");
    }
    return TableError(origin_, At(p), Quote(token), "index:value, such as 3:0.5");
  }

  Result<const char*> IndexError(const char* p, std::uint64_t index, std::uint64_t previous) const {
    const std::string found = "index " + std::to_string(index);
    if (index == 0) {
      return TableError(origin_, At(p), found, "indices from 1 on (does this table count from 0? then add 1 to each)");
    }
    if (index > allowed_) {
      const bool asked = request_.model == nullptr && request_.options.feature_count != 0;
      return TableError(origin_, At(p), "an index above " + std::to_string(allowed_),
                        asked ? "no more features than were asked for" : "no more features than that");
    }
    if (index == previous) return TableError(origin_, At(p), found + " twice", "each index once");
    return TableError(origin_, At(p), found + " after " + std::to_string(previous), "ascending indices");
  }

  Result<const char*> ValueError(const char* p, const char* end) const {
    const std::string_view text = TokenAt(p, end);
    if (const char* behind = p + text.size(); !AtLineEnd(behind, end) && *behind == '\r') return LoneReturn(behind);
    return NumberError(origin_, At(p), text);
  }

  TextBlocks& blocks_;
  const std::string& origin_;
  const TableRequest& request_;
  ClassIndex classes_;
  std::uint64_t allowed_ = 0;  // the largest index that is not refused
  std::uint64_t kept_ = 0;     // the largest index that is not passed over
  std::uint64_t largest_ = 0;  // that was met
  std::size_t line_ = 1;
  const char* line_start_ = nullptr;
  std::optional<std::int32_t> last_class_;
  double last_label_ = 0.0;
  BlockArray<std::size_t> starts_;
  BlockArray<std::uint32_t> indices_;
  BlockArray<double> values_;
  BlockArray<std::int32_t> labels_;
};

}  // namespace

Result<Dataset> ReadLibsvm(TextBlocks& blocks, const std::string& origin, const TableRequest& request) {
  return LibsvmReader(blocks, origin, request).Read();
}

}  // namespace iris
