#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <span>
#include <vector>

#include "apps/kit/terminal.h"
#include "apps/orthogonalize/matrix.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are taken as they are");

constexpr std::uint32_t max_header = 10'000;  // bytes, as in NumPy

/// A dictionary of Python: "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".
struct Header {
  std::optional<std::string> type;
  std::optional<bool> is_fortran;
  std::optional<std::vector<Index>> shape;
};

/// Reads such a dictionary from left to right, and accepts only these three keys and their types.
/// Under Python 2 NumPy wrote sizes such as 2L.
class HeaderText {
 public:
  HeaderText(const std::string& file, std::string_view text)
      : file_(file), text_(text), rest_(text) {}

  Header parse() {
    Header header;
    expect('{');
    while (!accept('}')) {
      const std::string key = word_in_quotes();
      expect(':');
      if (key == "descr") {
        once(header.type) = type();
      } else if (key == "fortran_order") {
        once(header.is_fortran) = boolean();
      } else if (key == "shape") {
        once(header.shape) = shape();
      } else {
        fail();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blank();
    if (!rest_.empty() || !header.type || !header.is_fortran || !header.shape) fail();
    return header;
  }

 private:
  [[noreturn]] void fail() const {
    constexpr std::size_t limit = 60;
    const std::string start(text_.substr(0, limit));
    throw Error(file_ + ": its header is damaged, got " +
                (is_printable(start) && !start.empty() ? start : "bytes that are no text") +
                ", expected such as {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  }

  void skip_blank() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }

  bool accept(char letter) {
    skip_blank();
    if (!rest_.starts_with(letter)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char letter) {
    if (!accept(letter)) fail();
  }

  bool accept(std::string_view word) {
    skip_blank();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  /// `value`, for a key to set. Throws when the key was there before.
  template <class T>
  std::optional<T>& once(std::optional<T>& value) const {
    if (value) fail();
    return value;
  }

  std::string word_in_quotes() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect(quote);
    const std::size_t size = rest_.find(quote);
    if (size == std::string_view::npos) fail();
    std::string word(rest_.substr(0, size));
    rest_.remove_prefix(size + 1);
    return word;
  }

  std::string type() {
    skip_blank();
    check(!rest_.starts_with('['), file_,
          ": a record of several fields is no matrix; save one field, as numpy.float32");
    return word_in_quotes();
  }

  bool boolean() {
    if (accept("True")) return true;
    if (!accept("False")) fail();
    return false;
  }

  std::vector<Index> shape() {
    std::vector<Index> sizes;
    expect('(');
    while (!accept(')')) {
      sizes.push_back(size());
      if (accept(',')) continue;
      expect(')');
      break;
    }
    return sizes;
  }

  Index size() {
    skip_blank();
    Index value = 0;
    const auto [stop, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (problem == std::errc::invalid_argument || value < 0) fail();
    const auto digits = static_cast<std::size_t>(stop - rest_.data());
    check(problem == std::errc(), file_, ": too large, got size ", rest_.substr(0, digits),
          " in its shape, expected at most ", max_elements, " elements");
    rest_.remove_prefix(digits);
    accept('L');
    return value;
  }

  const std::string& file_;
  std::string_view text_;
  std::string_view rest_;
};

/// Fills `object` with the next bytes of the file.
template <class T>
void read_into(files::Reader& file, T& object) {
  file.read(std::as_writable_bytes(std::span(&object, 1)));
}

std::string read_header_text(files::Reader& file) {
  constexpr std::array<char, 6> magic = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
  std::array<char, 6> start{};
  std::array<std::uint8_t, 2> version{};
  check(file.remaining() >= 10, file.name(), ": cut short, got ", file.remaining(),
        " bytes, expected at least 10");
  read_into(file, start);
  check(start == magic, file.name(),
        ": not a .npy file, it does not begin with \\x93NUMPY; numpy.save() writes such files");
  read_into(file, version);
  check(version[0] >= 1 && version[0] <= 3 && version[1] == 0, file.name(), ": version ",
        int{version[0]}, ".", int{version[1]},
        " is not supported, expected 1.0, 2.0 or 3.0; save it again with numpy.save()");
  std::uint32_t size = 0;
  if (version[0] == 1) {
    std::uint16_t short_size = 0;
    read_into(file, short_size);
    size = short_size;
  } else {
    read_into(file, size);
  }
  check(size <= max_header, file.name(), ": got a header of ", size, " bytes, expected at most ",
        max_header);
  std::string header(size, '\0');
  file.read(std::as_writable_bytes(std::span(header)));
  return header;
}

Header read_header(files::Reader& file) {
  const std::string text = read_header_text(file);
  Header header = HeaderText(file.name(), text).parse();
  const std::string& type = *header.type;
  check(type == "<f4" || type == "<f8", file.name(), ": elements of type ",
        is_printable(type) ? "'" + type + "'" : "that is no text",
        " are not supported, expected '<f4' or '<f8'; convert them with a.astype('<f4')");
  const std::vector<Index>& shape = *header.shape;
  check(shape.size() == 2, file.name(), ": got ", shape.size(), " axes, (",
        fmt::format("{}", fmt::join(shape, ", ")),
        "), expected a matrix of 2; make it one with a.reshape(rows, columns)");
  check_size(file.name(), shape[0], shape[1]);
  return header;
}

template <class T>
Tensor read_elements(files::Reader& file, Index rows, Index columns, bool is_fortran) {
  std::vector<T> values(static_cast<std::size_t>(rows * columns));
  file.read(std::as_writable_bytes(std::span(values)));
  Tensor elements({rows, columns});
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {  // Fortran stores one column after the other
      const Index place = is_fortran ? j * rows + i : i * columns + j;
      const auto value = static_cast<double>(values[static_cast<std::size_t>(place)]);
      elements.data()[i * columns + j] = to_element(file.name(), i + 1, j + 1, value);
    }
  }
  return elements;
}

}  // namespace

Tensor read_npy(const std::filesystem::path& path) {
  files::Reader file(path);
  const Header header = read_header(file);
  const bool is_double = *header.type == "<f8";
  const Index rows = (*header.shape)[0];
  const Index columns = (*header.shape)[1];
  const Index bytes = rows * columns * (is_double ? 8 : 4);
  check(file.remaining() == bytes, file.name(), ": got ", file.remaining(),
        " bytes of elements, expected ", bytes, " for (", rows, ", ", columns, ") of type '",
        *header.type, "'; save it again with numpy.save()");
  return is_double ? read_elements<double>(file, rows, columns, *header.is_fortran)
                   : read_elements<float>(file, rows, columns, *header.is_fortran);
}

}  // namespace muonlab::app
