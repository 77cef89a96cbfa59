// SPDX-License-Identifier: Apache-2.0

#include "src/system/control_groups.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "src/base/descriptor.h"

namespace iris {
namespace {

constexpr std::size_t kMostBytes = 16 << 10;

/// What the group in folder `mount` + `group` allows, and those above it up to `mount`.
template <typename Read>
void TakeLeast(std::optional<double>& least, const std::string& mount, std::string group, const Read& read) {
  for (;;) {
    while (group.ends_with('/')) group.pop_back();
    if (const std::optional<double> limit = read(mount + group)) least = std::min(least.value_or(*limit), *limit);
    if (group.empty()) return;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

/// Whether `controllers`, separated by commas, hold `name`.
bool Holds(std::string_view controllers, std::string_view name) {
  while (!controllers.empty()) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == name) return true;
    controllers.remove_prefix(comma == std::string_view::npos ? controllers.size() : comma + 1);
  }
  return false;
}

}  // namespace

std::string ReadSmallFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kMostBytes, '\0');
  std::size_t size = 0;
  while (file && size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::optional<double> TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ') || text.starts_with('\n')) text.remove_prefix(1);
  return static_cast<double>(number);
}

// A line is NUMBER:CONTROLLERS:PATH; version 2 has one, "0::PATH".
std::optional<double> LeastLimit(std::string_view groups, const std::string& mount, const Controller& controller) {
  std::optional<double> least;
  while (!groups.empty()) {
    const std::size_t end = groups.find('\n');
    const std::string_view line = groups.substr(0, end);
    groups.remove_prefix(end == std::string_view::npos ? groups.size() : end + 1);
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string group(line.substr(second + 1));
    if (controllers.empty()) {
      TakeLeast(least, mount, group, controller.version2);
    } else if (Holds(controllers, controller.name)) {
      for (const std::string& folder : controller.mounts) {
        TakeLeast(least, mount + "/" + folder, group, controller.version1);
      }
    }
  }
  return least;
}

}  // namespace iris
