#include "apps/kit/numbers.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <string>

#include "apps/kit/terminal.h"

namespace muonlab::app {
namespace {

bool is_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Reads all of `text` into `value`; false when it is not a number, or beyond the type.
template <class Value>
bool read(const std::string& text, Value& value) {
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end;
}

}  // namespace

CLI::Validator whole(Index low, Index high) {
  const auto take = [low, high](std::string& text) -> std::string {
    Index value = 0;
    if (!is_digits(text) || !read(text, value) || value < low || value > high) {
      return fmt::format("got {}, expected a whole number from {} to {}", excerpt(text), low, high);
    }
    text = std::to_string(value);
    return "";
  };
  return {take, ""};
}

CLI::Validator real(float low, float high) {
  const auto take = [low, high](std::string& text) -> std::string {
    float value = 0;
    const bool is_number = read(text, value) && (value == 0 || std::isnormal(value));
    if (is_number && low <= value && value <= high) return "";
    return fmt::format("got {}, expected a number of float32 from {} to {}", excerpt(text), low,
                       high);
  };
  return {take, ""};
}

}  // namespace muonlab::app
