#include "apps/kit/fields.h"

#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "apps/kit/terminal.h"
#include "muonlab/core/error.h"

namespace muonlab::app {
namespace {

/// `json` as text on one line, cut when it is long.
std::string excerpt(const Json& json) {
  constexpr std::size_t limit = 60;
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= limit ? text : text.substr(0, limit) + "...";
}

/// "a number from 0 to 1", or "a number of at least 0" when `high` is the largest of its type.
template <class Value>
std::string range(const char* kind, Value low, Value high) {
  if (low == high) return fmt::format("{}", low);
  if (high == std::numeric_limits<Value>::max()) {
    return fmt::format("{} of at least {}", kind, low);
  }
  return fmt::format("{} from {} to {}", kind, low, high);
}

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

std::size_t Fields::size() const {
  check_is(json_->is_array(), "a list");
  return json_->size();
}

Fields Fields::item(std::size_t i) const {
  return {(*json_)[i], file_, fmt::format("{}[{}]", place_, i)};
}

std::vector<std::string> Fields::names() const {
  check_is(json_->is_object(), "an object");
  std::vector<std::string> all;
  for (const auto& [name, value] : json_->items()) {
    check_is(is_printable(name), "names on one line");
    all.push_back(name);
  }
  return all;
}

std::string Fields::text() const {
  check_is(json_->is_string(), "a text");
  std::string text = json_->get<std::string>();
  check_is(is_printable(text), "a text on one line");
  return text;
}

double Fields::number(double low, double high) const {
  const double value = json_->is_number() ? json_->get<double>() : std::nan("");
  check_is(low <= value && value <= high, range("a number", low, high));
  return value;
}

Index Fields::whole(Index low, Index high) const {
  const bool fits = json_->is_number_unsigned() ? std::in_range<Index>(json_->get<std::uint64_t>())
                                                : json_->is_number_integer();
  const Index value = fits ? json_->get<Index>() : 0;
  check_is(fits && low <= value && value <= high, range("a whole number", low, high));
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
