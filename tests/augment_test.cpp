#include "muonlab/data/augment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/kernels/augment.h"
#include "muonlab/core/threads.h"
#include "tests/images.h"

namespace muonlab::test {
namespace {

using data::Batch;
using data::PixelBatch;
using kernel::Border;
using Values = std::vector<int>;

template <class T>
Values values(const Array<T>& array) {
  return {array.values().begin(), array.values().end()};
}

Values shifted(const Bytes& x, const Integers& by, Border border) {
  Bytes y(x.shape());
  run(Device::cpu, kernel::Shift{.x = x, .by = by, .border = border, .y = y});
  return values(y);
}

TEST_CASE("a shift moves every image by its own offset and fills what comes in") {
  const Bytes x({2, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9,  //
                               1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Integers by({2, 2}, {1, -1, -2, 0});
  CHECK(shifted(x, by, Border::zero) == Values{0, 4, 5, 0, 7, 8, 0, 0, 0,  //
                                               0, 0, 0, 0, 0, 0, 1, 2, 3});
  CHECK(shifted(x, by, Border::reflect) == Values{5, 4, 5, 8, 7, 8, 5, 4, 5,  //
                                                  7, 8, 9, 4, 5, 6, 1, 2, 3});
  const Integers right({2, 2}, {0, 2, 0, 1});
  CHECK(shifted(x, right, Border::reflect) == Values{3, 2, 1, 6, 5, 4, 9, 8, 7,  //
                                                     2, 3, 2, 5, 6, 5, 8, 9, 8});
  const Integers far({2, 2}, {0, 3, -2147483647, -2147483647});
  CHECK(shifted(x, far, Border::zero) == Values(18, 0));
}

TEST_CASE("a shift moves all channels of an image alike") {
  const Bytes x({1, 2, 1, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(shifted(x, Integers({1, 2}, {0, 1}), Border::zero) == Values{2, 3, 0, 5, 6, 0});
}

TEST_CASE("a flip mirrors the chosen images") {
  const Bytes x({2, 2, 1, 3}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
  Bytes y(x.shape());
  run(Device::cpu, kernel::Flip{.x = x, .flipped = Integers({2}, {1, 0}), .y = y});
  CHECK(values(y) == Values{3, 2, 1, 6, 5, 4, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("a cutout is a square of zeros, cut at the border") {
  const Bytes x({2, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9,  //
                               1, 2, 3, 4, 5, 6, 7, 8, 9});
  Bytes y(x.shape());
  run(Device::cpu,
      kernel::Cutout{.x = x, .corner = Integers({2, 2}, {-1, 1, 2, 5}), .size = 2, .y = y});
  CHECK(values(y) == Values{1, 0, 0, 4, 5, 6, 7, 8, 9,  //
                            1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("random_crop puts an image at every place of its frame equally often") {
  const PixelBatch batch = spots(5000, 5, 1, 200);
  Rng rng(1);
  const PixelBatch cropped = data::random_crop(batch, 2, rng);
  check_uniform(times(cropped, 200), 5000);
  CHECK(std::ranges::count(cropped.images.values(), 0) > 0);
  CHECK(values(data::random_crop(batch, 0, rng).images) == values(batch.images));
}

TEST_CASE("random_translation puts an image at every place within reach equally often") {
  const PixelBatch batch = spots(5000, 5, 1, 200);
  Rng rng(1);
  const PixelBatch moved = data::random_translation(batch, 1, rng);
  const std::vector<double> counts = times(moved, 200);
  check_uniform({counts[6], counts[7], counts[8],     //
                 counts[11], counts[12], counts[13],  //
                 counts[16], counts[17], counts[18]},
                5000);
  CHECK(std::accumulate(counts.begin(), counts.end(), 0.0) == 5000);
  CHECK(std::ranges::count(moved.images.values(), 0) == 0);
  CHECK(values(data::random_translation(batch, 0, rng).images) == values(batch.images));
}

TEST_CASE("random_flip mirrors half of the images, and mirrored twice they are as before") {
  const PixelBatch batch = pixels({1000, 3, 4, 6});
  Rng first(1);
  Rng second(1);
  const PixelBatch flipped = data::random_flip(batch, first);
  Index mirrored = 0;
  for (Index i = 0; i < 1000; ++i) {
    const Values before = values(batch.images.slice(i, i + 1));
    Values after = values(flipped.images.slice(i, i + 1));
    if (before == after) continue;
    ++mirrored;
    for (auto row = after.begin(); row != after.end(); row += 6) std::reverse(row, row + 6);
    CHECK(before == after);
  }
  CHECK(std::abs(mirrored - 500) < 80);  // five standard deviations
  CHECK(values(data::random_flip(flipped, second).images) == values(batch.images));
}

TEST_CASE("images are mirrored independently of each other") {
  PixelBatch batch = spots(4096, 3, 1, 1);
  for (Index i = 0; i < 4096; ++i) batch.images.data()[9 * i] = 2;
  Rng rng(1);
  const PixelBatch flipped = data::random_flip(batch, rng);
  const PixelBatch alternating = data::alternating_flip(batch, Rng(2));
  for (const PixelBatch& each : {flipped, alternating}) {
    std::vector<double> times(16);  // of each pattern of four images in a row
    for (Index i = 0; i < 4096; i += 4) {
      std::size_t pattern = 0;
      for (Index k = i; k < i + 4; ++k) pattern = 2 * pattern + (each.images.data()[9 * k] == 1);
      ++times[pattern];
    }
    check_uniform(times, 1024);
  }
}

TEST_CASE("a crop moves its images down and across independently") {
  const PixelBatch batch = spots(9000, 3, 1, 200);
  Rng rng(4);
  check_uniform(times(data::random_crop(batch, 1, rng), 200), 9000);
  check_uniform(times(data::random_crop(batch, 1, rng), 200), 9000);  // goes on in the stream
}

TEST_CASE("alternating_flip mirrors at random first, and the others in the next epoch") {
  PixelBatch batch = spots(1000, 3, 1, 1);
  for (Index i = 0; i < 1000; ++i) batch.images.data()[9 * i] = 2;
  const auto sides = [&batch](Index epoch) {
    batch.epoch = epoch;
    const PixelBatch flipped = data::alternating_flip(batch, Rng(1));
    Values mirrored;
    for (Index i = 0; i < 1000; ++i) mirrored.push_back(flipped.images.data()[9 * i] == 1);
    return mirrored;
  };
  const Values first = sides(0);
  CHECK(std::abs(std::ranges::count(first, 1) - 500) < 80);  // five standard deviations
  Values other = first;
  for (int& side : other) side = 1 - side;
  CHECK(sides(1) == other);
  CHECK(sides(2) == first);
  CHECK(sides(7) == other);

  std::ranges::reverse(batch.numbers.values());  // the numbers decide, not the places
  Values reversed = sides(0);
  std::ranges::reverse(reversed);
  CHECK(reversed == first);
}

TEST_CASE("cutout puts its square around every pixel equally often") {
  const PixelBatch batch = spots(5000, 5, 1, 1);
  Rng rng(1);
  check_uniform(times(data::cutout(batch, 1, rng), 0), 5000);
  CHECK(values(data::cutout(batch, 0, rng).images) == values(batch.images));
  CHECK(values(data::cutout(batch, 10, rng).images) == Values(125'000, 0));

  const PixelBatch cut = data::cutout(batch, 3, rng);
  for (Index i = 0; i < 5000; ++i) {
    const auto zeros = std::ranges::count(cut.images.slice(i, i + 1).values(), 0);
    CHECK((zeros == 4 || zeros == 6 || zeros == 9));  // at a corner, at an edge, within
  }
}

TEST_CASE("normalize subtracts each channel's mean and divides by its deviation") {
  const PixelBatch batch = batch_of(Bytes({1, 2, 1, 2}, {0, 255, 51, 102}));
  const Batch result = data::normalize(batch, std::vector{0.2F, 0.1F}, std::vector{0.5F, 0.25F});
  const std::vector<double> expected = {-0.4, 1.6, 0.4, 1.2};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(result.images.values()[i] == doctest::Approx(expected[i]));
  }
  CHECK(values(result.labels) == values(batch.labels));
}

TEST_CASE("to_unit makes floats from 0 to 1") {
  const Tensor images = data::to_unit(batch_of(Bytes({1, 1, 1, 3}, {0, 51, 255}))).images;
  CHECK(images.shape() == Shape{1, 1, 1, 3});
  CHECK(images.data()[0] == 0);
  CHECK(images.data()[1] == doctest::Approx(0.2));
  CHECK(images.data()[2] == 1);
}

TEST_CASE("augmentations leave their batch alone and do the same on any number of threads") {
  const PixelBatch batch = pixels({64, 3, 32, 32});
  const Values before = values(batch.images);
  const auto augmented = [&batch] {
    Rng rng(5);
    const PixelBatch moved = data::random_crop(data::random_translation(batch, 2, rng), 4, rng);
    const PixelBatch mirrored = data::alternating_flip(data::random_flip(moved, rng), Rng(6));
    const std::vector<float> half(3, 0.5F);
    const Tensor images = data::normalize(data::cutout(mirrored, 8, rng), half, half).images;
    return std::vector<float>(images.values().begin(), images.values().end());
  };
  const int all = threads();
  set_threads(1);
  const std::vector<float> alone = augmented();
  set_threads(2);
  CHECK(augmented() == alone);
  set_threads(all);
  CHECK(values(batch.images) == before);
}

TEST_CASE("a batch without images stays one") {
  const PixelBatch none = pixels({0, 3, 4, 4});
  Rng rng(1);
  CHECK(data::random_crop(none, 1, rng).images.shape() == none.images.shape());
  CHECK(data::alternating_flip(none, rng).images.shape() == none.images.shape());
  CHECK(data::to_unit(data::cutout(none, 1, rng)).images.shape() == none.images.shape());
}

TEST_CASE("augmentations refuse what they cannot do") {
  PixelBatch batch = pixels({2, 3, 4, 6});
  Rng rng(1);
  CHECK_THROWS_WITH_AS(data::random_crop(batch, -1, rng),
                       "random_crop: the padding is -1, expected 0 to 2147483647", Error);
  CHECK_THROWS_WITH_AS(data::random_translation(batch, 4, rng),
                       "random_translation: the reach is 4, expected at least 0 and less than the "
                       "images' sides of 4 and 6",
                       Error);
  CHECK_THROWS_WITH_AS(data::cutout(batch, std::numeric_limits<Index>::max(), rng),
                       "cutout: the size is 9223372036854775807, expected 0 to 2147483647", Error);
  const std::vector<float> two = {1, 1};
  const std::vector<float> three = {1, 0, 1};
  CHECK_THROWS_WITH_AS(data::normalize(batch, three, two),
                       "normalize: a mean and a deviation for each channel are needed, got 3 and "
                       "2, expected 3",
                       Error);
  CHECK_THROWS_WITH_AS(data::normalize(batch, three, three),
                       "normalize: the deviation of channel 1 is 0, expected above 0", Error);
  batch.numbers = Integers({1}, {0});
  CHECK_THROWS_WITH_AS(data::alternating_flip(batch, rng),
                       "alternating_flip: numbers have shape (1), expected (2), one for each image",
                       Error);
  batch.images = batch.images.reshape({2, 72});
  CHECK_THROWS_WITH_AS(
      data::random_flip(batch, rng),
      "random_flip: images have shape (2, 72), expected (batch, channels, height, width)", Error);
}

}  // namespace
}  // namespace muonlab::test
