#include "apps/orthogonalize/matrix.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "apps/kit/terminal.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

constexpr std::string_view blank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) + 1 - begin);
}

/// Removes the part of `text` up to `end`, and `end`; returns that part.
std::string_view take(std::string_view& text, char end) {
  const std::size_t size = text.find(end);
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(size == std::string_view::npos ? text.size() : size + 1);
  return part;
}

float parse_element(const std::string& source, Index row, Index column, std::string_view text) {
  text = trimmed(text);
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value);
  const bool is_number = problem != std::errc::invalid_argument && stop == end && !digits.empty();
  const char* remedy = text.empty() ? "; a row ends without a comma"
                       : row == 1   ? "; a header does not belong there"
                                    : "";
  check(is_number, source, ": row ", row, ", column ", column, ": got ", excerpt(text),
        ", expected a number", remedy);
  check(problem == std::errc(), source, ": row ", row, ", column ", column, ": ", excerpt(text),
        " is beyond what a double can hold");
  return to_element(source, row, column, value);
}

Tensor read_csv(const std::filesystem::path& path) {
  constexpr Index limit = max_elements * 32;  // bytes, 32 for each number and its comma
  files::Reader file(path);
  check(file.remaining() <= limit, file.name(), ": too large, got ", file.remaining(),
        " bytes, expected at most ", limit, "; a .npy file is smaller");
  std::string text(static_cast<std::size_t>(file.remaining()), '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // spreadsheets begin with it
  const bool is_marked = text.starts_with(byte_order_mark);
  return parse_matrix(file.name(),
                      std::string_view(text).substr(is_marked ? byte_order_mark.size() : 0), '\n');
}

}  // namespace

void check_size(const std::string& source, Index rows, Index columns) {
  check(rows > 0 && columns > 0, source, ": got an empty matrix (", rows, ", ", columns,
        "), expected at least one number");
  check(rows <= max_elements / columns, source, ": too large, got a matrix (", rows, ", ", columns,
        "), expected at most ", max_elements, " elements; take a part of it");
}

float to_element(const std::string& source, Index row, Index column, double value) {
  check(std::abs(value) <= std::numeric_limits<float>::max(), source, ": row ", row, ", column ",
        column, ": got ", value, ", expected a finite number of float32, at most 3.4e38");
  return static_cast<float>(value);
}

Tensor parse_matrix(const std::string& source, std::string_view text, char end_of_row) {
  std::vector<float> elements;
  Index columns = 0;
  Index rows = 0;
  text = text.substr(0, text.find_last_not_of(std::string(blank) + end_of_row) + 1);
  while (!text.empty()) {
    std::string_view row = take(text, end_of_row);
    const Index count = std::ranges::count(row, ',') + 1;
    if (rows++ == 0) columns = count;
    check(count == columns, source, ": row ", rows, " has ", count, " numbers, expected ", columns,
          " as in row 1");
    check_size(source, rows, columns);
    for (Index column = 1; column <= columns; ++column) {
      elements.push_back(parse_element(source, rows, column, take(row, ',')));
    }
  }
  check_size(source, rows, columns);
  return {{rows, columns}, elements};
}

Tensor read_matrix(const std::string& word) {
  const std::filesystem::path path = word;
  if (path.extension() == ".npy") return read_npy(path);
  if (path.extension() == ".csv") return read_csv(path);
  const bool is_numbers = word.find_first_of("0123456789") != std::string::npos &&
                          word.find_first_of("/\\") == std::string::npos;
  check(is_numbers, "matrix: got ", excerpt(word),
        ", expected rows such as '10,0.5;0.5,0.1', or a file NAME.npy or NAME.csv");
  return parse_matrix("matrix", word, ';');
}

}  // namespace muonlab::app
