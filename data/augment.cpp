#include "data/augment.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/kernels/augment.h"

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

/// Moves every image by (dy, dx), each uniform in {-reach, ..., reach}.
PixelBatch random_shift(const PixelBatch& batch, Index reach, kernel::Border border, Rng& rng) {
  Labels by({count(batch), 2});
  for (std::int32_t& d : by.values())
    d = static_cast<std::int32_t>(rng.below(2 * reach + 1) - reach);
  return with_images(batch, [&](Bytes& y) {
    const Device device = y.device();
    run(device, kernel::Shift{.x = batch.images, .by = by.to(device), .border = border, .y = y});
  });
}

/// Mirrors image i where flipped(i) is not 0.
PixelBatch flip(const PixelBatch& batch, const Labels& flipped) {
  return with_images(batch, [&](Bytes& y) {
    run(y.device(), kernel::Flip{.x = batch.images, .flipped = flipped.to(y.device()), .y = y});
  });
}

/// scale(c) x + shift(c) for every pixel x of channel c.
Batch scaled(const PixelBatch& batch, const Tensor& scale, const Tensor& shift) {
  const Device device = batch.images.device();
  Tensor images(batch.images.shape(), device);
  run(device,
      kernel::ScalePixels{
          .x = batch.images, .scale = scale.to(device), .shift = shift.to(device), .y = images});
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
  Labels flipped({count(batch)});
  for (std::int32_t& bit : flipped.values()) {
    bit = static_cast<std::int32_t>(rng.bits() & 1);
  }
  return flip(batch, flipped);
}

PixelBatch alternating_flip(const PixelBatch& batch, const Rng& rng) {
  check_images("alternating_flip", batch);
  check(batch.numbers.shape() == Shape{count(batch)}, "alternating_flip: numbers have shape ",
        batch.numbers.shape(), ", expected ", Shape{count(batch)}, ", one for each image");
  Labels flipped({count(batch)});
  const auto own_bit = [&rng](std::int32_t number) {
    return rng.child(static_cast<std::uint64_t>(number)).bits() & 1;
  };
  std::ranges::transform(batch.numbers.values(), flipped.data(),
                         [&](std::int32_t number) { return (own_bit(number) + batch.epoch) % 2; });
  return flip(batch, flipped);
}

PixelBatch cutout(const PixelBatch& batch, Index size, Rng& rng) {
  check_images("cutout", batch);
  check(0 <= size && size <= largest, "cutout: the size is ", size, ", expected 0 to ", largest);
  Labels corner({count(batch), 2});
  for (Index i = 0; i < corner.count(); ++i) {
    const Index side = batch.images.shape()[i % 2 == 0 ? 2 : 3];
    corner.data()[i] = static_cast<std::int32_t>(rng.below(std::max<Index>(1, side)) - size / 2);
  }
  return with_images(batch, [&](Bytes& y) {
    const Device device = y.device();
    run(device,
        kernel::Cutout{.x = batch.images, .corner = corner.to(device), .size = size, .y = y});
  });
}

Batch normalize(const PixelBatch& batch, std::span<const float> mean,
                std::span<const float> deviation) {
  check_images("normalize", batch);
  const Index channels = batch.images.shape()[1];
  const auto size = static_cast<std::size_t>(channels);
  check(mean.size() == size && deviation.size() == size,
        "normalize: a mean and a deviation for each channel are needed, got ", mean.size(), " and ",
        deviation.size(), ", expected ", size);
  Tensor scale({channels});
  Tensor shift({channels});
  for (std::size_t c = 0; c < size; ++c) {
    check(deviation[c] > 0, "normalize: the deviation of channel ", c, " is ", deviation[c],
          ", expected above 0");
    scale.data()[c] = 1 / (255 * deviation[c]);
    shift.data()[c] = -mean[c] / deviation[c];
  }
  return scaled(batch, scale, shift);
}

Batch to_unit(const PixelBatch& batch) {
  check_images("to_unit", batch);
  const Index channels = batch.images.shape()[1];
  Tensor scale({channels});
  Tensor shift({channels});
  std::ranges::fill(scale.values(), 1.0F / 255);
  std::ranges::fill(shift.values(), 0.0F);
  return scaled(batch, scale, shift);
}

}  // namespace muonlab::data
