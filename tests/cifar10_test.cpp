#include "muonlab/data/cifar10.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/folder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using data::Cifar10;

/// An image whose red, green and blue bytes are `first`, `first` + 1 and `first` + 2.
std::string record(int label, int first) {
  std::string bytes{static_cast<char>(label)};
  for (int channel = 0; channel < 3; ++channel) {
    bytes += std::string(1024, static_cast<char>(first + channel));
  }
  return bytes;
}

std::string batch_name(int number) { return "data_batch_" + std::to_string(number) + ".bin"; }

/// A small CIFAR-10: files of 1, 2, 3, 4, 5 and 2 images; file f's image i is labelled i and holds
/// the bytes 10 f + i and the two that follow.
void write_cifar10(const Folder& folder) {
  for (int file = 1; file <= 6; ++file) {
    std::string bytes;
    for (int i = 0; i < (file == 6 ? 2 : file); ++i) bytes += record(i, 10 * file + i);
    folder.write(file == 6 ? "test_batch.bin" : batch_name(file), bytes);
  }
}

/// What load_cifar10 says of DIR when one of its files has this content.
std::string cifar10_error(const std::string& name, const std::string& content) {
  const Folder folder;
  write_cifar10(folder);
  folder.write(name, content);
  return folder.error([&folder] { data::load_cifar10(folder.path); });
}

/// How every message of load_cifar10(DIR) ends.
const std::string remedy = "; to fetch CIFAR-10: data/fetch.sh cifar10 \"DIR\"";

TEST_CASE("CIFAR-10 is loaded from files of any number of images, one after the other") {
  const Folder folder;
  write_cifar10(folder);
  const Cifar10 cifar10 = data::load_cifar10(folder.path);
  CHECK(cifar10.version() == "15 + 2 images, checksum 6eb8cabc");
  CHECK(cifar10.train.classes == 10);
  CHECK(cifar10.train.images.shape() == Shape{15, 3, 32, 32});
  CHECK(cifar10.train.labels.shape() == Shape{15});
  Index image = 0;
  for (int file = 1; file <= 5; ++file) {
    for (int i = 0; i < file; ++i, ++image) {
      CAPTURE(image);
      CHECK(cifar10.train.labels.data()[image] == i);
      for (Index channel = 0; channel < 3; ++channel) {
        const Index begin = 3072 * image + 1024 * channel;
        const auto values = cifar10.train.images.values().subspan(begin);
        CHECK(std::ranges::count(values.first(1024), 10 * file + i + channel) == 1024);
      }
    }
  }
  CHECK(cifar10.test.images.shape() == Shape{2, 3, 32, 32});
  CHECK(cifar10.test.images.values().back() == 63);
  CHECK(cifar10.test.labels.values().back() == 1);
}

TEST_CASE("a file of CIFAR-10 that is cut short, too long, empty or huge is refused") {
  const std::string image = record(3, 0);
  CHECK(cifar10_error("data_batch_2.bin", image.substr(1)) ==
        "DIR/data_batch_2.bin: not CIFAR-10, got 3072 bytes, expected a multiple of 3073" + remedy);
  CHECK(cifar10_error("test_batch.bin", image + "x") ==
        "DIR/test_batch.bin: not CIFAR-10, got 3074 bytes, expected a multiple of 3073" + remedy);
  CHECK(cifar10_error("data_batch_5.bin", "") ==
        "DIR/data_batch_5.bin: not CIFAR-10, got 0 bytes, expected a multiple of 3073" + remedy);
  const Folder folder;
  write_cifar10(folder);
  fs::resize_file(folder.path / "data_batch_1.bin", 307'303'073);  // a hole
  CHECK(folder.error([&folder] { data::load_cifar10(folder.path); }) ==
        "DIR/data_batch_1.bin: too large, got 100001 images, expected at most 100000" + remedy);
}

TEST_CASE("a label of CIFAR-10 above 9 is refused with its place") {
  CHECK(cifar10_error("data_batch_3.bin", record(9, 0) + record(10, 0)) ==
        "DIR/data_batch_3.bin: not a label at image 1 (the first is 0), got 10, expected 0 to 9" +
            remedy);
  CHECK(cifar10_error("test_batch.bin", record(255, 0)) ==
        "DIR/test_batch.bin: not a label at image 0 (the first is 0), got 255, expected 0 to 9" +
            remedy);
}

TEST_CASE("CIFAR-10 that is not there is refused with the command that fetches it") {
  const Folder folder;
  const auto load = [&folder] { data::load_cifar10(folder.path); };
  CHECK(folder.error(load) ==
        "DIR/data_batch_1.bin: cannot be read, No such file or directory" + remedy);
  write_cifar10(folder);
  fs::remove(folder.path / "test_batch.bin");
  CHECK(folder.error(load) ==
        "DIR/test_batch.bin: cannot be read, No such file or directory" + remedy);
  fs::create_directory(folder.path / "test_batch.bin");
  CHECK(folder.error(load) ==
        "DIR/test_batch.bin: cannot be read, it is not a regular file" + remedy);
  const fs::path file = folder.write("file", "");
  CHECK(folder.error([&file] { data::load_cifar10(file); }) ==
        "DIR/file/data_batch_1.bin: cannot be read, Not a directory; to fetch CIFAR-10: "
        "data/fetch.sh cifar10 \"DIR/file\"");
}

TEST_CASE("CIFAR-10 is looked for where the user says, else in the cache") {
  CHECK(data::find_cifar10("", "data") == fs::path("data") / "cache" / "cifar10");
  CHECK(data::find_cifar10("elsewhere", "data") == "elsewhere");
}

}  // namespace
}  // namespace muonlab::test
