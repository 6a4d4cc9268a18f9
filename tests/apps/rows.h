#pragma once

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

/// Tables that an app printed.
namespace muonlab::test {

/// The lines of `text` from the first that begins with `name` on.
inline std::vector<std::string> lines_from(const std::string& text, const std::string& name) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!lines.empty() || line.starts_with(name)) lines.push_back(line);
  }
  return lines;
}

/// The numbers behind `name` in the first line that begins with it; none when there is no such
/// line. Words between them are skipped.
inline std::vector<double> numbers(const std::string& text, const std::string& name) {
  const std::vector<std::string> lines = lines_from(text, name);
  std::vector<double> values;
  if (lines.empty()) return values;
  std::istringstream words(lines.front().substr(name.size()));
  for (std::string word; words >> word;) {
    std::size_t end = 0;
    try {
      const double value = std::stod(word, &end);
      if (end == word.size()) values.push_back(value);
    } catch (const std::invalid_argument&) {
      continue;
    }
  }
  return values;
}

/// Columns that a line takes: the characters of UTF-8, not the bytes.
inline std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char byte) { return (byte & 0xC0) != 0x80; }));
}

/// Checks that the numbers behind `name` are `expected`, each within `band`.
inline void check_row(const std::string& text, const std::string& name,
                      const std::vector<double>& expected, double band) {
  CAPTURE(text);
  CAPTURE(name);
  const std::vector<double> values = numbers(text, name);
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(values[i] - expected[i]) <= band);
  }
}

}  // namespace muonlab::test
