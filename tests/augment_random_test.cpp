#include <algorithm>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/data/augment.h"
#include "tests/images.h"

/// That random decisions of augmentations know nothing of each other.
namespace muonlab::test {
namespace {

using data::PixelBatch;

bool are_equal(const Bytes& a, const Bytes& b) {
  return std::ranges::equal(a.values(), b.values());
}

TEST_CASE("augmentations take words of the stream, and never those of another") {
  const PixelBatch batch = pixels({1000, 1, 4, 4});
  Rng rng(1);
  const PixelBatch first = data::random_crop(batch, 1, rng);
  CHECK(rng.state().words == 2000);
  CHECK_FALSE(are_equal(data::random_crop(batch, 1, rng).images, first.images));
  CHECK(rng.state().words == 4000);
  data::random_translation(batch, 1, rng);
  CHECK(rng.state().words == 6000);
  const PixelBatch flipped = data::random_flip(batch, rng);
  CHECK(rng.state().words == 7000);
  CHECK_FALSE(are_equal(data::random_flip(batch, rng).images, flipped.images));
  CHECK(rng.state().words == 8000);
  const PixelBatch cut = data::cutout(batch, 2, rng);
  CHECK(rng.state().words == 10000);
  CHECK_FALSE(are_equal(data::cutout(batch, 2, rng).images, cut.images));
  const Rng before = rng;
  data::alternating_flip(batch, rng);
  CHECK(rng.state() == before.state());
}

constexpr Index side = 5;
constexpr std::size_t outcomes = 18;  // 3 places down, 3 across, mirrored or not

/// The number of what was done to an image with 200 in the middle and 100 right of it.
std::size_t outcome(const std::uint8_t* image) {
  const Index place = std::find(image, image + side * side, 200) - image;
  const bool is_mirrored = image[place - 1] == 100;
  const Index y = place / side - 1;
  const Index x = place % side - 1;
  return static_cast<std::size_t>((3 * y + x) * 2 + (is_mirrored ? 1 : 0));
}

TEST_CASE("an image's place, its mirroring and what its neighbor meets are independent") {
  constexpr Index count = 40'000;
  PixelBatch batch = spots(count, side, 1, 200);
  for (Index i = 0; i < count; ++i) {
    batch.images.data()[i * side * side + side * side / 2 + 1] = 100;
  }
  Rng rng(1);
  const PixelBatch augmented = data::random_flip(data::random_crop(batch, 1, rng), rng);
  std::vector<double> of_image(outcomes);
  std::vector<double> of_neighbors(outcomes * outcomes);
  std::size_t last = 0;
  for (Index i = 0; i < count; ++i) {
    const std::size_t now = outcome(augmented.images.data() + i * side * side);
    REQUIRE(now < outcomes);
    ++of_image[now];
    if (i > 0) ++of_neighbors[last * outcomes + now];
    last = now;
  }
  check_uniform(of_image, count);
  check_uniform(of_neighbors, count - 1);
}

}  // namespace
}  // namespace muonlab::test
