#include "muonlab/data/augment.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "muonlab/core/kernels/augment.h"
#include "muonlab/core/kernels/random.h"

namespace muonlab::data {
namespace {

constexpr Index largest = std::numeric_limits<std::int32_t>::max();

void check_images(const char* op, const PixelBatch& batch) {
  check(batch.images.shape().rank() == 4, op, ": images have shape ", batch.images.shape(),
        ", expected (batch, channels, height, width)");
}

Index count(const PixelBatch& batch) { return batch.images.shape()[0]; }

/// `batch` with other images, which `make(y)` writes.
template <class Make>
PixelBatch with_images(PixelBatch batch, const Make& make) {
  batch.images = Bytes(batch.images.shape(), batch.images.device());
  make(batch.images);
  return batch;
}

using Range = kernel::RandomIntegers::Range;

/// Random integers on the images' device; in a shape (batch, 2) each column has its own range.
Integers random_integers(const PixelBatch& batch, const Shape& shape, Range even, Range odd,
                         Rng& rng) {
  Integers y(shape, batch.images.device());
  run(y.device(),
      kernel::RandomIntegers{.y = y, .ranges = {even, odd}, .random = rng.reserve(y.count())});
  return y;
}

/// Moves every image by (dy, dx), each uniform in {-reach, ..., reach}.
PixelBatch random_shift(const PixelBatch& batch, Index reach, kernel::Border border, Rng& rng) {
  const Range range{.low = -reach, .bound = 2 * reach + 1};
  const Integers by = random_integers(batch, {count(batch), 2}, range, range, rng);
  return with_images(batch, [&](Bytes& y) {
    run(y.device(), kernel::Shift{.x = batch.images, .by = by, .border = border, .y = y});
  });
}

/// Mirrors image i where flipped(i) is not 0.
PixelBatch flip(const PixelBatch& batch, const Integers& flipped) {
  return with_images(batch, [&](Bytes& y) {
    run(y.device(), kernel::Flip{.x = batch.images, .flipped = flipped, .y = y});
  });
}

/// scale(c) x + shift(c) for every pixel x of channel c.
Batch scaled(const PixelBatch& batch, std::span<const float> scale, std::span<const float> shift) {
  Tensor images(batch.images.shape(), batch.images.device());
  run(images.device(),
      kernel::ScalePixels{.x = batch.images, .scale = scale, .shift = shift, .y = images});
  return {.images = images, .labels = batch.labels};
}

}  // namespace

PixelBatch random_crop(const PixelBatch& batch, Index padding, Rng& rng) {
  check_images("random_crop", batch);
  check(0 <= padding && padding <= largest, "random_crop: the padding is ", padding,
        ", expected 0 to ", largest);
  return random_shift(batch, padding, kernel::Border::zero, rng);
}

PixelBatch random_translation(const PixelBatch& batch, Index reach, Rng& rng) {
  check_images("random_translation", batch);
  const Index side = std::min(batch.images.shape()[2], batch.images.shape()[3]);
  check(0 <= reach && reach < side, "random_translation: the reach is ", reach,
        ", expected at least 0 and less than the images' sides of ", batch.images.shape()[2],
        " and ", batch.images.shape()[3]);
  return random_shift(batch, reach, kernel::Border::reflect, rng);
}

PixelBatch random_flip(const PixelBatch& batch, Rng& rng) {
  check_images("random_flip", batch);
  const Range bit{.low = 0, .bound = 2};
  return flip(batch, random_integers(batch, {count(batch)}, bit, bit, rng));
}

PixelBatch alternating_flip(const PixelBatch& batch, const Rng& rng) {
  check_images("alternating_flip", batch);
  check(batch.numbers.shape() == Shape{count(batch)}, "alternating_flip: numbers have shape ",
        batch.numbers.shape(), ", expected ", Shape{count(batch)}, ", one for each image");
  const Rng::State state = rng.state();
  Integers flipped(batch.numbers.shape(), batch.images.device());
  run(flipped.device(), kernel::ChildBits{.numbers = batch.numbers,
                                          .stream = state.stream,
                                          .seed = state.seed,
                                          .inverted = batch.epoch % 2 != 0,
                                          .y = flipped});
  return flip(batch, flipped);
}

PixelBatch cutout(const PixelBatch& batch, Index size, Rng& rng) {
  check_images("cutout", batch);
  check(0 <= size && size <= largest, "cutout: the size is ", size, ", expected 0 to ", largest);
  const auto within = [&batch, size](int axis) {
    return Range{.low = -(size / 2), .bound = std::max<Index>(1, batch.images.shape()[axis])};
  };
  const Integers corner = random_integers(batch, {count(batch), 2}, within(2), within(3), rng);
  return with_images(batch, [&](Bytes& y) {
    run(y.device(), kernel::Cutout{.x = batch.images, .corner = corner, .size = size, .y = y});
  });
}

Batch normalize(const PixelBatch& batch, std::span<const float> mean,
                std::span<const float> deviation) {
  check_images("normalize", batch);
  const auto size = static_cast<std::size_t>(batch.images.shape()[1]);
  check(mean.size() == size && deviation.size() == size,
        "normalize: a mean and a deviation for each channel are needed, got ", mean.size(), " and ",
        deviation.size(), ", expected ", size);
  std::vector<float> scale(size);
  std::vector<float> shift(size);
  for (std::size_t c = 0; c < size; ++c) {
    check(deviation[c] > 0, "normalize: the deviation of channel ", c, " is ", deviation[c],
          ", expected above 0");
    scale[c] = 1 / (255 * deviation[c]);
    shift[c] = -mean[c] / deviation[c];
  }
  return scaled(batch, scale, shift);
}

Batch to_unit(const PixelBatch& batch) {
  check_images("to_unit", batch);
  const auto channels = static_cast<std::size_t>(batch.images.shape()[1]);
  return scaled(batch, std::vector(channels, 1.0F / 255), std::vector(channels, 0.0F));
}

}  // namespace muonlab::data
