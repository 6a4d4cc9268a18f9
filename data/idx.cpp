#include "data/idx.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>
#include <zlib.h>

#include "core/files.h"

namespace muonlab::data {
namespace {

/// The bytes of a file, unpacked when it is gzipped.
class Source {
 public:
  explicit Source(const std::filesystem::path& file) : name_(file.string()) {
    files::check_regular(file);
    file_.reset(gzopen(file.c_str(), "rb"));
    check(file_ != nullptr, name_, ": cannot be read, ", system_message());
  }

  /// Fills `bytes`, or the beginning of them when the file ends; returns how many came.
  std::size_t read(std::span<std::uint8_t> bytes) {
    const int count = gzread(file_.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
    int status = Z_OK;
    gzerror(file_.get(), &status);
    check(status != Z_ERRNO, name_, ": cannot be read, ", system_message());
    check(status == Z_OK, name_, ": its gzip stream is ",
          status == Z_BUF_ERROR ? "cut short" : "corrupt");
    return static_cast<std::size_t>(count);
  }

  /// Fills all of `bytes`, which are `what`.
  void fill(std::span<std::uint8_t> bytes, const char* what) {
    const std::size_t count = read(bytes);
    check(count == bytes.size(), name_, ": cut short, got ", count, " bytes of ", what,
          ", expected ", bytes.size());
  }

  const std::string& name() const { return name_; }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose_r(file); }
  };

  static std::string system_message() { return std::generic_category().message(errno); }

  std::string name_;
  std::unique_ptr<gzFile_s, Close> file_;
};

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

/// As many digits as `number` has bytes: 0x00000803.
template <class Number>
std::string hex(Number number) {
  std::string digits;
  for (int shift = 8 * int{sizeof(Number)} - 4; shift >= 0; shift -= 4) {
    digits += "0123456789abcdef"[(number >> shift) & 15];
  }
  return "0x" + digits;
}

/// The number of axes, from the first four bytes.
std::size_t read_rank(Source& source) {
  std::array<std::uint8_t, 4> magic{};
  source.fill(magic, "the magic number");
  const auto [zero0, zero1, type, rank] = magic;
  check(zero0 == 0 && zero1 == 0, source.name(), ": not an IDX file, got magic number ",
        hex(big_endian(magic)), ", expected 0x00000801 to 0x00000804");
  check(type == 0x08, source.name(), ": unsupported element type, got ", hex(type),
        ", expected 0x08 (unsigned bytes)");
  check(1 <= rank && rank <= Shape::max_rank, source.name(), ": unsupported number of axes, got ",
        int{rank}, ", expected 1 to ", Shape::max_rank);
  return rank;
}

Shape read_shape(Source& source) {
  std::array<std::uint8_t, std::size_t{4} * Shape::max_rank> buffer{};
  const auto bytes = std::span(buffer).first(4 * read_rank(source));
  source.fill(bytes, "the sizes");
  std::vector<Index> sizes;
  Index count = 1;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const Index size = big_endian(bytes.subspan(i, 4));
    check(size == 0 || count <= idx_limit / size, source.name(), ": too large, got size ", size,
          " after ", count, " elements, expected at most ", idx_limit, " elements");
    count *= size;
    sizes.push_back(size);
  }
  return Shape(sizes);
}

/// In pieces, so that a header that claims too much costs no memory.
std::vector<std::uint8_t> read_elements(Source& source, std::size_t count) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  std::vector<std::uint8_t> elements;
  while (elements.size() < count) {
    const std::size_t done = elements.size();
    elements.resize(std::min(count, done + piece));
    const std::size_t got = source.read(std::span(elements).subspan(done));
    check(done + got == elements.size(), source.name(), ": cut short, got ", done + got,
          " elements, expected ", count);
  }
  return elements;
}

}  // namespace

Bytes read_idx(const std::filesystem::path& file) {
  Source source(file);
  const Shape shape = read_shape(source);
  const auto elements = read_elements(source, static_cast<std::size_t>(shape.count()));
  std::array<std::uint8_t, 1> beyond{};
  check(source.read(beyond) == 0, source.name(), ": too long, got bytes after the ", shape.count(),
        " elements of ", shape, ", expected none");
  return {shape, elements};
}

}  // namespace muonlab::data
