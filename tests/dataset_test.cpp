// Data sets are known by their content, not by how many images they have.
#include "muonlab/data/dataset.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "muonlab/data/cifar10.h"
#include "muonlab/data/mnist.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using data::Dataset;

Dataset blank(Index count) {
  Dataset set{.images = Bytes({count, 1, 2, 2}), .labels = Integers({count}), .classes = 10};
  for (std::uint8_t& pixel : set.images.values()) pixel = 7;
  for (std::int32_t& label : set.labels.values()) label = 3;
  return set;
}

TEST_CASE("a published version is known by every pixel and label of its images") {
  Dataset train = blank(3);
  Dataset test = blank(2);
  const data::Version published[] = {{"small", 1, 1, 0},
                                     {"toy", 3, 2, data::checksum(test, data::checksum(train))}};
  CHECK(data::version_of(train, test, published) == "toy");
  CHECK(data::version_of(blank(2), blank(3), published) == "2 + 3 images, checksum 5ca40726");
  for (std::uint8_t* pixel : {&train.images.values().front(), &test.images.values().back()}) {
    ++*pixel;
    CHECK(data::version_of(train, test, published).starts_with("3 + 2 images, checksum "));
    --*pixel;
  }
  for (std::int32_t* label : {&train.labels.values().back(), &test.labels.values().front()}) {
    ++*label;
    CHECK(data::version_of(train, test, published).starts_with("3 + 2 images, checksum "));
    --*label;
  }
  CHECK(data::version_of(train, test, published) == "toy");
}

TEST_CASE("as many images as MNIST or CIFAR-10 has are not therefore these") {
  const auto thin = [](Index count) {  // without pixels
    return Dataset{.images = Bytes({count, 1, 0, 0}), .labels = Integers({count})};
  };
  const auto is_other = [](const std::string& version, const char* sizes) {
    return version.starts_with(sizes + std::string(" images, checksum "));
  };
  CHECK(is_other(data::Mnist{.train = thin(60'000), .test = thin(10'000)}.version(),
                 "60000 + 10000"));
  CHECK(
      is_other(data::Mnist{.train = thin(10'000), .test = thin(2'000)}.version(), "10000 + 2000"));
  CHECK(is_other(data::Cifar10{.train = thin(50'000), .test = thin(10'000)}.version(),
                 "50000 + 10000"));
}

const fs::path cache = fs::path(MUONLAB_SOURCE_DIR) / "data" / "cache";

TEST_CASE("MNIST is known, where it has been fetched" *
          doctest::skip(!fs::exists(cache / "mnist"))) {
  data::Mnist mnist = data::load_mnist(cache / "mnist");
  CHECK(mnist.version() == "full");
  ++mnist.test.images.values().front();
  CHECK(mnist.version() != "full");
}

TEST_CASE("CIFAR-10 is known, where it has been fetched" *
          doctest::skip(!fs::exists(cache / "cifar10"))) {
  CHECK(data::load_cifar10(cache / "cifar10").version() == "full");
}

}  // namespace
}  // namespace muonlab::test
