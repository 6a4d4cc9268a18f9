#include "muonlab/data/batches.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/data/augment.h"
#include "muonlab/data/images.h"

namespace muonlab::test {
namespace {

using data::Batch;
using data::Batches;
using data::Dataset;
using data::Images;
using data::PixelBatch;

/// `count` images of one pixel: pixel i and label i are i.
Dataset numbered(Index count) {
  Dataset dataset{.images = Bytes({count, 1, 1, 1}), .labels = Integers({count}), .classes = count};
  std::iota(dataset.images.data(), dataset.images.data() + count, std::uint8_t{0});
  std::iota(dataset.labels.data(), dataset.labels.data() + count, 0);
  return dataset;
}

/// The labels that one epoch sees, in the order it sees them.
std::vector<int> epoch(Batches& batches) {
  std::vector<int> order;
  for (const Batch& batch : batches) {
    const auto labels = batch.labels.values();
    order.insert(order.end(), labels.begin(), labels.end());
  }
  return order;
}

TEST_CASE("an epoch sees every image once, and its last batch is what is left") {
  Batches batches(numbered(10), 4, Rng(1, data::order_stream));
  CHECK(batches.size() == 3);
  std::vector<Index> sizes;
  std::vector<int> seen;
  for (const Batch& batch : batches) {
    sizes.push_back(batch.labels.count());
    CHECK(batch.images.shape() == Shape{batch.labels.count(), 1, 1, 1});
    for (Index i = 0; i < batch.labels.count(); ++i) {
      const int number = batch.labels.data()[i];
      seen.push_back(number);
      CHECK(batch.images.data()[i] == doctest::Approx(number / 255.0));
    }
  }
  CHECK(sizes == std::vector<Index>{4, 4, 2});
  std::ranges::sort(seen);
  CHECK(seen == std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("every epoch has an order of its own, and the seed decides them all") {
  const Dataset dataset = numbered(50);
  Batches batches(dataset, 8, Rng(1));
  Batches same(dataset, 16, Rng(1));
  Batches other(dataset, 8, Rng(2));
  const std::vector<int> first = epoch(batches);
  CHECK(first == epoch(same));
  CHECK(first != epoch(other));
  Batches copy = batches;
  const std::vector<int> second = epoch(batches);
  CHECK(first != second);
  CHECK(second == epoch(same));
  CHECK(second == epoch(copy));
}

TEST_CASE("seek goes on as if the batches before had been taken") {
  const Dataset dataset = numbered(50);
  Batches batches(dataset, 8, Rng(1));
  const std::vector<int> first = epoch(batches);
  const std::vector<int> second = epoch(batches);
  const std::vector<int> third = epoch(batches);
  batches.seek(2, 3);
  CHECK(epoch(batches) == std::vector<int>(third.begin() + 24, third.end()));
  batches.seek(2, 0);
  CHECK(epoch(batches) == third);
  batches.seek(2, 7);
  CHECK(epoch(batches).empty());
  batches.seek(0, 0);  // back, to the next one, to the same one, ahead, and further ahead
  CHECK(epoch(batches) == first);
  batches.seek(1, 0);
  CHECK(epoch(batches) == second);
  batches.seek(1, 0);
  batches.seek(1, 0);
  CHECK(epoch(batches) == second);
  batches.seek(0, 0);
  batches.seek(1, 0);
  batches.seek(2, 0);
  CHECK(epoch(batches) == third);
  CHECK_THROWS_WITH_AS(batches.seek(0, 8), "batches: an epoch has 7 batches, cannot skip 8", Error);
  CHECK_THROWS_WITH_AS(batches.seek(-1, 0), "batches: an epoch is at least 0, got -1", Error);
}

TEST_CASE("every order of three images is equally likely") {
  Batches batches(numbered(3), 3, Rng(1));
  std::map<std::vector<int>, int> times;
  for (int i = 0; i < 6000; ++i) ++times[epoch(batches)];
  CHECK(times.size() == 6);
  // Five standard deviations of a count, sqrt(6000 * 1/6 * 5/6) = 29.
  for (const auto& [order, count] : times) CHECK(std::abs(count - 1000) < 145);
}

TEST_CASE("without a generator every epoch has the order of the dataset") {
  Batches batches(numbered(5), 2);
  for (int i = 0; i < 2; ++i) CHECK(epoch(batches) == std::vector{0, 1, 2, 3, 4});
}

TEST_CASE("a dataset without images has no batches") {
  Batches batches(numbered(0), 2, Rng(1));
  CHECK(batches.size() == 0);
  CHECK(epoch(batches).empty());
}

TEST_CASE("pixels from 0 to 255 become floats from 0 to 1") {
  const Dataset dataset{.images = Bytes({1, 1, 1, 3}, {0, 51, 255}), .labels = Integers({1}, {0})};
  const Tensor images = (*Batches(dataset, 1).begin()).images;
  CHECK(images.shape() == Shape{1, 1, 1, 3});
  CHECK(images.data()[0] == 0);
  CHECK(images.data()[1] == doctest::Approx(0.2));
  CHECK(images.data()[2] == 1);
}

TEST_CASE("a conversion makes the batches from pixels, numbers and the epoch") {
  std::vector<int> numbers;
  std::vector<Index> epochs;
  const auto convert = [&](const PixelBatch& batch) {
    CHECK(batch.images.shape() == Shape{batch.labels.count(), 1, 1, 1});
    for (Index i = 0; i < batch.numbers.count(); ++i) {
      CHECK(batch.images.data()[i] == batch.numbers.data()[i]);
      CHECK(batch.labels.data()[i] == batch.numbers.data()[i]);
      numbers.push_back(batch.numbers.data()[i]);
    }
    epochs.push_back(batch.epoch);
    return Batch{.images = Tensor({1}, {42}), .labels = batch.labels};
  };
  Batches batches(std::make_shared<Images>(numbered(10), data::Augmentation(), convert), 4, Rng(1));
  CHECK((*batches.begin()).images.item() == 42);
  CHECK(epochs == std::vector<Index>{0});
  numbers.clear();
  CHECK(epoch(batches) == numbers);
  CHECK(epochs == std::vector<Index>{0, 1, 1, 1});
}

TEST_CASE("every batch of every epoch has a random stream of its own, whatever came before") {
  float drawn = 0;
  const auto augment = [&drawn](const PixelBatch& batch, Rng rng) {
    drawn = rng.uniform();
    return batch;
  };
  const auto convert = [&drawn](const PixelBatch& batch) {
    return Batch{.images = Tensor({1}, {drawn}), .labels = batch.labels};
  };
  const auto images = std::make_shared<Images>(numbered(6), augment, convert);
  Batches batches(images, 2, Rng(1), Rng(5));
  Batches sought = batches;
  std::map<float, int> times;
  for (Index epoch = 0; epoch < 3; ++epoch) {
    Index number = 0;
    for (const Batch& batch : batches) {
      ++times[batch.images.item()];
      sought.seek(epoch, number);
      const auto only = sought.begin();
      CHECK(only.number() == number++);
      CHECK((*only).images.item() == batch.images.item());
      CHECK(std::ranges::equal((*only).labels.values(), batch.labels.values()));
    }
  }
  CHECK(times.size() == 9);
}

TEST_CASE("without a random stream, images are not augmented") {
  const auto fails = [](const PixelBatch&, Rng) -> PixelBatch { throw Error("augmented"); };
  const auto images = std::make_shared<Images>(numbered(6), fails);
  CHECK((*Batches(images, 2).begin()).images.data()[1] == doctest::Approx(1 / 255.0));
  CHECK((*Batches(images, 2, Rng(1)).begin()).images.count() == 2);
  CHECK_THROWS_WITH_AS(*Batches(images, 2, Rng(1), Rng(2)).begin(), "augmented", Error);
}

TEST_CASE("to_unit as a conversion makes the same batches to the bit") {
  Dataset dataset = numbered(256);
  Batches plain(dataset, 100);
  Batches converted(std::make_shared<Images>(dataset, data::Augmentation(), data::to_unit), 100);
  auto other = converted.begin();
  for (const Batch& batch : plain) {
    CHECK(std::ranges::equal(batch.images.values(), (*other).images.values()));
    ++other;
  }
}

TEST_CASE("a dataset's copy on its own device shares its memory, and batches are made there") {
  const Dataset dataset = numbered(3);
  const Dataset same = dataset.to(Device::cpu);
  CHECK(same.images.data() == dataset.images.data());
  CHECK(same.labels.data() == dataset.labels.data());
  CHECK(same.classes == 3);
  CHECK(Batches(same, 2).device() == Device::cpu);
}

TEST_CASE("an epoch's order is the shuffle by Fisher and Yates, from the last place down") {
  Batches batches(numbered(20), 20, Rng(7));
  Rng rng(7);
  std::vector<int> order(20);
  std::iota(order.begin(), order.end(), 0);
  for (Index i = 19; i > 0; --i) {
    std::swap(order[static_cast<std::size_t>(i)],
              order[static_cast<std::size_t>(rng.below(i + 1))]);
  }
  CHECK(epoch(batches) == order);
}

TEST_CASE("batches of no size, or of images without labels, are refused") {
  const Dataset three = numbered(3);
  CHECK_THROWS_WITH_AS(Batches(three, 0), "batches: the batch size is 0, expected at least 1",
                       Error);
  const Dataset unlabelled{.images = three.images, .labels = Integers({2}, {0, 1})};
  CHECK_THROWS_WITH_AS(Batches(unlabelled, 1),
                       "images: labels have shape (2), expected (3), one for each image", Error);
  const Dataset flat{.images = three.images.reshape({3, 1}), .labels = three.labels};
  CHECK_THROWS_WITH_AS(Batches(flat, 1),
                       "images: they have shape (3, 1), expected (n, channels, height, width)",
                       Error);
}

}  // namespace
}  // namespace muonlab::test
