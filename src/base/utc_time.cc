// SPDX-License-Identifier: Apache-2.0

#include "src/base/utc_time.h"

#include <cstddef>
#include <cstdint>

namespace iris {
namespace {

/// Puts the decimal digits of `number` right-aligned into [first, first + width), zeros before them.
void PutDigits(char* first, std::size_t width, std::int64_t number) {
  for (; width > 0; number /= 10) first[--width] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string Rfc3339(std::chrono::system_clock::time_point time) {
  using std::chrono::days, std::chrono::microseconds, std::chrono::seconds;
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto in_day = std::chrono::floor<microseconds>(time - day);
  const std::int64_t second = std::chrono::floor<seconds>(in_day).count();
  std::string text = "0000-00-00T00:00:00.000000Z";
  PutDigits(&text[0], 4, static_cast<int>(date.year()));
  PutDigits(&text[5], 2, static_cast<unsigned>(date.month()));
  PutDigits(&text[8], 2, static_cast<unsigned>(date.day()));
  PutDigits(&text[11], 2, second / 3600);
  PutDigits(&text[14], 2, second / 60 % 60);
  PutDigits(&text[17], 2, second % 60);
  PutDigits(&text[20], 6, in_day.count() % 1'000'000);
  return text;
}

}  // namespace iris
