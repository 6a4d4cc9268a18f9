#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <zlib.h>

#include <doctest/doctest.h>

#include "muonlab/data/idx.h"
#include "muonlab/data/mnist.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using data::Mnist;

/// An IDX file of bytes: a header with these sizes, then `elements`, which need not be as many.
std::string idx(std::initializer_list<std::uint32_t> sizes, const std::string& elements) {
  std::string bytes{0, 0, 8, static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes) {
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(size >> shift);
  }
  return bytes + elements;
}

std::string gzipped(const std::string& bytes) {
  const Folder folder;
  const fs::path file = folder.path / "packed";
  const gzFile out = gzopen(file.c_str(), "wb");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What read_idx says of a file DIR/file with this content.
std::string idx_error(const std::string& content) {
  const Folder folder;
  const fs::path file = folder.write("file", content);
  return folder.error([&file] { data::read_idx(file); });
}

/// A small MNIST of blank images, labelled 0, 1, ..., 9, 0, ...
void write_mnist(const Folder& folder, std::uint32_t train, std::uint32_t test) {
  for (const auto& [part, count] : {std::pair{"train", train}, std::pair{"t10k", test}}) {
    std::string labels;
    for (std::uint32_t i = 0; i < count; ++i) labels += static_cast<char>(i % 10);
    folder.write(part + std::string("-images-idx3-ubyte"),
                 idx({count, 28, 28}, std::string(std::size_t{28} * 28 * count, '\x33')));
    folder.write(part + std::string("-labels-idx1-ubyte"), idx({count}, labels));
  }
}

/// What load_mnist says of DIR when one of its files has this content.
std::string mnist_error(const std::string& name, const std::string& content) {
  const Folder folder;
  write_mnist(folder, 2, 2);
  folder.write(name, content);
  return folder.error([&folder] { data::load_mnist(folder.path); });
}

/// How every message of load_mnist(DIR) ends.
const std::string remedy = "; to fetch MNIST: data/fetch.sh mnist \"DIR\"";

TEST_CASE("an IDX file is read, plain or gzipped") {
  const Folder folder;
  const std::string content = idx({2, 3}, "abcdef");
  for (const std::string& bytes : {content, gzipped(content)}) {
    const Bytes array = data::read_idx(folder.write("letters", bytes));
    CHECK(array.shape() == Shape{2, 3});
    CHECK(std::ranges::equal(array.values(), std::string("abcdef")));
  }
}

TEST_CASE("an IDX file larger than one piece is read whole") {
  const Folder folder;
  const std::string elements = std::string(1 << 20, 'x') + std::string(1 << 20, 'y') + "z";
  const Bytes array = data::read_idx(folder.write("letters", idx({(2 << 20) + 1}, elements)));
  CHECK(std::ranges::equal(array.values(), elements));
}

TEST_CASE("a file that is no IDX file of bytes is refused") {
  CHECK(idx_error("") == "DIR/file: cut short, got 0 bytes of the magic number, expected 4");
  CHECK(idx_error("\x89PNG") ==
        "DIR/file: not an IDX file, got magic number 0x89504e47, expected 0x00000801 to "
        "0x00000804");
  CHECK(idx_error({0, 0, 0x0D, 3}) ==
        "DIR/file: unsupported element type, got 0x0d, expected 0x08 (unsigned bytes)");
  CHECK(idx_error(idx({}, "a")) == "DIR/file: unsupported number of axes, got 0, expected 1 to 4");
  CHECK(idx_error(idx({1, 1, 1, 1, 1}, "a")) ==
        "DIR/file: unsupported number of axes, got 5, expected 1 to 4");
}

TEST_CASE("an IDX file that is not as long as its header says is refused") {
  CHECK(idx_error({0, 0, 8, 3, 0, 0}) ==
        "DIR/file: cut short, got 2 bytes of the sizes, expected 12");
  CHECK(idx_error(idx({3}, "ab")) == "DIR/file: cut short, got 2 elements, expected 3");
  CHECK(idx_error(idx({3}, "abcd")) ==
        "DIR/file: too long, got bytes after the 3 elements of (3), expected none");
  CHECK(idx_error(idx({0, 2}, "")) == "no error");
}

TEST_CASE("an IDX file that claims more than it has, or than there can be, is refused") {
  for (const std::string& file : {idx({1 << 28}, "a"), gzipped(idx({1 << 28}, "a"))}) {
    CHECK(idx_error(file) == "DIR/file: cut short, got 1 elements, expected 268435456");
  }
  CHECK(idx_error(idx({(1 << 28) + 1}, "")) ==
        "DIR/file: too large, got size 268435457 after 1 elements, expected at most 268435456 "
        "elements");
  CHECK(idx_error(idx({65536, 0xFFFFFFFF, 0xFFFFFFFF, 0}, "")) ==
        "DIR/file: too large, got size 4294967295 after 65536 elements, expected at most "
        "268435456 elements");
  const Folder folder;
  const fs::path large = folder.write("large", idx({4}, "abcd"));
  fs::resize_file(large, (1 << 28) + 1025);  // nearly all of it a hole
  CHECK(folder.error([&large] { data::read_idx(large); }) ==
        "DIR/large: too large, got 268436481 bytes, expected at most 268436480");
}

TEST_CASE("labels that are more than the images are counted before anything else") {
  const Folder folder;
  write_mnist(folder, 2, 2);
  fs::remove(folder.path / "train-labels-idx1-ubyte");
  folder.write("train-labels-idx1-ubyte.gz", gzipped(idx({100'000}, std::string(100'000, 99))));
  CHECK(folder.error([&folder] { data::load_mnist(folder.path); }) ==
        "DIR: a label for each image is needed, got 100000 in train-labels-idx1-ubyte, expected 2 "
        "as in train-images-idx3-ubyte" +
            remedy);
}

TEST_CASE("a gzip file of several streams is read to its end") {
  const Folder folder;
  const std::string content = idx({6}, "abcdef");
  const std::string packed = gzipped(content.substr(0, 10)) + gzipped(content.substr(10));
  const Bytes array = data::read_idx(folder.write("letters", packed));
  CHECK(std::ranges::equal(array.values(), std::string("abcdef")));
  CHECK(idx_error(packed + "rest") == "no error");  // as gzip has it
}

TEST_CASE("a gzip stream that is cut or corrupt is refused") {
  const std::string packed = gzipped(idx({4}, "abcd"));
  for (std::size_t size = 3; size < packed.size(); ++size) {
    CAPTURE(size);
    CHECK(idx_error(packed.substr(0, size)) == "DIR/file: its gzip stream is cut short");
  }
  std::string corrupt = packed;
  corrupt[packed.size() - 8] ^= 1;  // in the checksum
  CHECK(idx_error(corrupt) == "DIR/file: its gzip stream is corrupt");
}

TEST_CASE("MNIST is loaded from plain or gzipped files of any number of images") {
  const Folder folder;
  write_mnist(folder, 12, 3);
  fs::remove(folder.path / "t10k-labels-idx1-ubyte");
  folder.write("t10k-labels-idx1-ubyte.gz", gzipped(idx({3}, {9, 0, 5})));
  const Mnist mnist = data::load_mnist(folder.path);
  CHECK(mnist.version() == "12 + 3 images, checksum c90b2a28");
  CHECK(mnist.train.classes == 10);
  CHECK(mnist.train.images.shape() == Shape{12, 1, 28, 28});
  CHECK(std::ranges::count(mnist.train.images.values(), 0x33) == 12 * 28 * 28);
  CHECK(mnist.train.labels.values().back() == 1);
  CHECK(mnist.test.size() == 3);
  CHECK(mnist.test.labels.values().front() == 9);
}

TEST_CASE("MNIST is found under names with a point, too") {
  const Folder folder;
  write_mnist(folder, 2, 1);
  for (const std::string part : {"train", "t10k"}) {
    fs::rename(folder.path / (part + "-images-idx3-ubyte"),
               folder.path / (part + "-images.idx3-ubyte"));
    fs::remove(folder.path / (part + "-labels-idx1-ubyte"));
    folder.write(part + "-labels.idx1-ubyte.gz",
                 gzipped(part == "train" ? idx({2}, {7, 8}) : idx({1}, {9})));
  }
  const Mnist mnist = data::load_mnist(folder.path);
  CHECK(mnist.train.size() == 2);
  CHECK(mnist.train.labels.values().back() == 8);
  CHECK(mnist.test.labels.values().front() == 9);
}

TEST_CASE("MNIST that cannot be read is refused with the command that fetches it") {
  const Folder folder;
  const fs::path missing = folder.path / "missing";
  const auto load = [&folder] { data::load_mnist(folder.path); };
  CHECK(folder.error([&missing] { data::load_mnist(missing); }) ==
        "DIR/missing: cannot be read, No such file or directory; to fetch MNIST: "
        "data/fetch.sh mnist \"DIR/missing\"");
  CHECK(folder.error(load) ==
        "DIR: no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz" + remedy);
  const fs::path file = folder.path / "train-images-idx3-ubyte";
  fs::create_directory(file);
  CHECK(folder.error(load) ==
        "DIR/train-images-idx3-ubyte: cannot be read, it is not a regular file" + remedy);
  fs::remove(file);
  fs::create_symlink(file, file);
  CHECK(folder.error(load) ==
        "DIR/train-images-idx3-ubyte: cannot be read, Too many levels of symbolic links" + remedy);
}

TEST_CASE("files that hold something else than MNIST are refused") {
  CHECK(mnist_error("train-images-idx3-ubyte", idx({1, 2, 2}, "abcd")) ==
        "DIR/train-images-idx3-ubyte: not MNIST images, got shape (1, 2, 2), expected "
        "(n, 28, 28)" +
            remedy);
  CHECK(mnist_error("train-images-idx3-ubyte", idx({0, 28, 28}, "")) ==
        "DIR/train-images-idx3-ubyte: no images, got shape (0, 28, 28), expected at least one" +
            remedy);
  CHECK(mnist_error("t10k-labels-idx1-ubyte", idx({1, 2}, {0, 1})) ==
        "DIR/t10k-labels-idx1-ubyte: not MNIST labels, got shape (1, 2), expected (n)" + remedy);
  CHECK(mnist_error("t10k-labels-idx1-ubyte", idx({2}, {9, 10})) ==
        "DIR/t10k-labels-idx1-ubyte: not a digit at position 1 (the first is 0), got 10, expected "
        "0 to 9" +
            remedy);
  CHECK(mnist_error("train-labels-idx1-ubyte", idx({3}, {0, 1, 2})) ==
        "DIR: a label for each image is needed, got 3 in train-labels-idx1-ubyte, expected 2 as "
        "in train-images-idx3-ubyte" +
            remedy);
}

TEST_CASE("MNIST is looked for where the user says, else in the cache, else in mini") {
  const Folder folder;
  const fs::path cache = folder.path / "cache" / "mnist";
  CHECK(data::find_mnist("", folder.path) == folder.path / "mini");
  fs::create_directories(cache);
  write_mnist(folder, 1, 1);
  for (const auto& file : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                           "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    CHECK(data::find_mnist("", folder.path) == folder.path / "mini");
    fs::rename(folder.path / file, cache / file);
  }
  CHECK(data::find_mnist("", folder.path) == cache);
  CHECK(data::find_mnist("elsewhere", folder.path) == "elsewhere");
}

TEST_CASE("the small MNIST of the source tree has as many images of every digit") {
  const Mnist mnist = data::load_mnist(fs::path(MUONLAB_SOURCE_DIR) / "data" / "mini");
  CHECK(mnist.version() == "mini");
  for (int digit = 0; digit < 10; ++digit) {
    CAPTURE(digit);
    CHECK(std::ranges::count(mnist.train.labels.values(), digit) == 1000);
    CHECK(std::ranges::count(mnist.test.labels.values(), digit) == 200);
  }
}

}  // namespace
}  // namespace muonlab::test
