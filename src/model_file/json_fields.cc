// SPDX-License-Identifier: Apache-2.0

#include "src/model_file/json_fields.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/base/text.h"

namespace iris {
namespace {

constexpr std::int64_t kLargestCount = std::int64_t{1} << 53;  // beyond it, other programs' JSON loses digits

std::string Describe(const Json& value) {
  if (value.is_string()) return "the text " + Quote(value.get_ref<const std::string&>());
  if (value.is_null()) return "null";
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  return value.dump();  // a number or a boolean
}

}  // namespace

std::unexpected<Error> JsonField::Wrong(const std::string& found, const std::string& expected) const {
  const std::string place = path_.empty() ? *origin_ : *origin_ + ": " + path_;
  return Fail(ErrorCode::kBadData, place + ": found " + found + ", expected " + expected);
}

std::unexpected<Error> JsonField::Unexpected(const std::string& expected) const {
  return Wrong(Describe(*value_), expected);
}

bool JsonField::Has(const char* key) const { return value_->is_object() && value_->contains(key); }

Result<void> JsonField::ExpectKeys(std::initializer_list<std::string_view> keys) const {
  if (!value_->is_object()) return Unexpected("an object");
  for (const std::string_view key : keys) {
    if (!value_->contains(key)) return Wrong("no key " + Quote(key), "it to be there");
  }
  for (const auto& item : value_->items()) {
    if (std::ranges::find(keys, item.key()) != keys.end()) continue;
    return Wrong("the unknown key " + Quote(item.key()), "only keys of this version of the format");
  }
  return {};
}

JsonField JsonField::operator[](const char* key) const {
  return JsonField(*value_->find(key), *origin_, path_.empty() ? key : path_ + "." + key);
}

Result<std::vector<std::pair<std::string, JsonField>>> JsonField::Members(const std::string& expected) const {
  if (!value_->is_object()) return Unexpected(expected);
  std::vector<std::pair<std::string, JsonField>> members;
  members.reserve(value_->size());
  for (const auto& item : value_->items()) {
    members.emplace_back(item.key(), JsonField(item.value(), *origin_, path_ + "[" + Quote(item.key()) + "]"));
  }
  return members;
}

Result<std::vector<JsonField>> JsonField::Elements(std::size_t count, const std::string& of_what) const {
  const std::string expected = count == kAny ? of_what : std::to_string(count) + " " + of_what;
  if (!value_->is_array()) return Unexpected("an array of " + expected);
  if (count != kAny && value_->size() != count) return Wrong(std::to_string(value_->size()) + " elements", expected);
  std::vector<JsonField> elements;
  elements.reserve(value_->size());
  for (const Json& element : *value_) {
    elements.emplace_back(element, *origin_, path_ + "[" + std::to_string(elements.size()) + "]");
  }
  return elements;
}

Result<std::string> JsonField::String() const {
  if (!value_->is_string()) return Unexpected("text");
  return value_->get<std::string>();
}

Result<bool> JsonField::Boolean() const {
  if (!value_->is_boolean()) return Unexpected("true or false");
  return value_->get<bool>();
}

Result<double> JsonField::Number() const {
  if (!value_->is_number()) return Unexpected("a number");
  const double number = value_->get<double>();
  if (!std::isfinite(number)) return Unexpected("a finite number");
  return number;
}

Result<std::int64_t> JsonField::Count() const {
  // Numbers that fit are read as unsigned; negative ones, fractions and numbers beyond 64 bits are not.
  if (!value_->is_number_unsigned() || value_->get<std::uint64_t>() > std::uint64_t{kLargestCount}) {
    return Unexpected("a whole number from 0 to " + std::to_string(kLargestCount));
  }
  return value_->get<std::int64_t>();
}

Result<std::vector<double>> JsonField::Numbers(std::size_t count) const {
  if (!value_->is_array()) return Unexpected("an array of " + std::to_string(count) + " numbers");
  if (value_->size() != count) {
    return Wrong(std::to_string(value_->size()) + " elements", std::to_string(count) + " numbers");
  }
  std::vector<double> numbers;
  numbers.reserve(count);
  for (const Json& element : *value_) {
    const JsonField field(element, *origin_);  // the path is made only where it is needed: there may be millions
    const Result<double> number = field.Number();
    if (!number) {
      return JsonField(element, *origin_, path_ + "[" + std::to_string(numbers.size()) + "]")
          .Unexpected("a finite number");
    }
    numbers.push_back(*number);
  }
  return numbers;
}

Result<std::vector<std::string>> JsonField::Strings() const {
  if (!value_->is_array()) return Unexpected("an array of texts");
  std::vector<std::string> strings;
  strings.reserve(value_->size());
  for (const Json& element : *value_) {
    if (!element.is_string()) {
      return JsonField(element, *origin_, path_ + "[" + std::to_string(strings.size()) + "]").Unexpected("text");
    }
    strings.push_back(element.get<std::string>());
  }
  return strings;
}

}  // namespace iris
