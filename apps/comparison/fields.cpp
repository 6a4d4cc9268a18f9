#include "apps/comparison/fields.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "core/error.h"

namespace muonlab::app {
namespace {

/// On one line, cut when it is long.
std::string excerpt(const Json& json) {
  constexpr std::size_t limit = 60;
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= limit ? text : text.substr(0, limit) + "...";
}

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

}  // namespace

Fields::Fields(const Json& json, std::string file, std::string place)
    : json_(&json), file_(std::move(file)), place_(std::move(place)) {}

Fields Fields::at(const std::string& name) const {
  check_is(json_->is_object(), "an object");
  const std::string place = place_.empty() ? name : place_ + "." + name;
  const auto found = json_->find(name);
  check(found != json_->end(), file_, ": ", place, ": is missing");
  return {*found, file_, place};
}

std::vector<Fields> Fields::list() const {
  check_is(json_->is_array(), "a list");
  std::vector<Fields> all;
  for (const Json& item : *json_) {
    all.push_back(Fields(item, file_, fmt::format("{}[{}]", place_, all.size())));
  }
  return all;
}

std::vector<std::string> Fields::names() const {
  check_is(json_->is_object(), "an object");
  std::vector<std::string> all;
  for (const auto& [name, value] : json_->items()) all.push_back(name);
  return all;
}

std::string Fields::text() const {
  check_is(json_->is_string(), "a text");
  std::string text = json_->get<std::string>();
  check_is(std::ranges::none_of(text, is_control), "a text on one line");
  return text;
}

double Fields::number() const {
  check_is(json_->is_number() && std::isfinite(json_->get<double>()), "a number");
  return json_->get<double>();
}

Index Fields::whole(Index low, Index high) const {
  const bool fits = json_->is_number_unsigned() ? std::in_range<Index>(json_->get<std::uint64_t>())
                                                : json_->is_number_integer();
  const Index value = fits ? json_->get<Index>() : 0;
  check_is(fits && low <= value && value <= high,
           high == std::numeric_limits<Index>::max()
               ? fmt::format("a whole number of at least {}", low)
               : fmt::format("a whole number from {} to {}", low, high));
  return value;
}

std::uint64_t Fields::bits() const {
  check_is(json_->is_number_unsigned(), "a whole number below 2^64");
  return json_->get<std::uint64_t>();
}

void Fields::check_is(bool condition, const std::string& expected) const {
  if (condition) return;
  const std::string place = place_.empty() ? "" : place_ + ": ";
  throw Error(fmt::format("{}: {}got {}, expected {}", file_, place, excerpt(*json_), expected));
}

}  // namespace muonlab::app
