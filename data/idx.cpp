#include "muonlab/data/idx.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

#include "muonlab/core/files.h"

namespace muonlab::data {
namespace {

constexpr Index max_bytes = idx_limit + 1024;  // of a file; the header is smaller than 1024

/// The bytes of a file, unpacked when it is gzipped.
class Source {
 public:
  explicit Source(const std::filesystem::path& path) {
    files::Reader file(path);
    name_ = file.name();
    check(file.remaining() <= max_bytes, name_, ": too large, got ", file.remaining(),
          " bytes, expected at most ", max_bytes);
    bytes_.resize(static_cast<std::size_t>(file.remaining()));
    file.read(std::as_writable_bytes(std::span(bytes_)));
    stream_.next_in = bytes_.data();
    stream_.avail_in = static_cast<uInt>(bytes_.size());
    is_gzipped_ = begins_gzip();
    if (is_gzipped_) check_memory(inflateInit2(&stream_, gzip));
  }
  ~Source() { inflateEnd(&stream_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Fills `bytes`, or the beginning of them when the file ends; returns how many came.
  std::size_t read(std::span<std::uint8_t> bytes) {
    if (!is_gzipped_) {
      const auto some = bytes.first(std::min<std::size_t>(bytes.size(), stream_.avail_in));
      std::ranges::copy_n(stream_.next_in, std::ssize(some), some.begin());
      stream_.next_in += some.size();
      stream_.avail_in -= static_cast<uInt>(some.size());
      return some.size();
    }
    stream_.next_out = bytes.data();
    stream_.avail_out = static_cast<uInt>(bytes.size());
    while (stream_.avail_out > 0 && !is_over_) {
      const int status = inflate(&stream_, Z_NO_FLUSH);
      check_memory(status);
      check(status != Z_BUF_ERROR, name_, ": its gzip stream is cut short");
      check(status == Z_OK || status == Z_STREAM_END, name_, ": its gzip stream is corrupt");
      if (status == Z_STREAM_END) is_over_ = !begins_gzip() || inflateReset(&stream_) != Z_OK;
    }
    return bytes.size() - stream_.avail_out;
  }

  /// Fills all of `bytes`; `what` names them in the message of an error.
  void fill(std::span<std::uint8_t> bytes, const char* what) {
    const std::size_t count = read(bytes);
    check(count == bytes.size(), name_, ": cut short, got ", count, " bytes of ", what,
          ", expected ", bytes.size());
  }

  const std::string& name() const { return name_; }

 private:
  void check_memory(int status) const {
    check<MemoryError>(status != Z_MEM_ERROR, name_, ": no memory to unpack it");
  }

  static constexpr int gzip = 15 + 16;  // what zlib calls the format, with its largest window

  /// Whether a gzip stream follows: a file may consist of several.
  bool begins_gzip() const {
    return stream_.avail_in >= 2 && stream_.next_in[0] == 0x1F && stream_.next_in[1] == 0x8B;
  }

  std::string name_;
  std::vector<std::uint8_t> bytes_;
  z_stream stream_ = {};
  bool is_gzipped_ = false;
  bool is_over_ = false;
};

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

/// `number` with two digits for each of its bytes: 0x00000803.
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

}  // namespace

Bytes read_idx(const std::filesystem::path& file) {
  Source source(file);
  Bytes array(read_shape(source));  // the system provides its memory only as it is written
  const std::size_t count = source.read(array.values());
  check(std::cmp_equal(count, array.count()), source.name(), ": cut short, got ", count,
        " elements, expected ", array.count());
  std::array<std::uint8_t, 1> beyond{};
  check(source.read(beyond) == 0, source.name(), ": too long, got bytes after the ", count,
        " elements of ", array.shape(), ", expected none");
  return array;
}

}  // namespace muonlab::data
