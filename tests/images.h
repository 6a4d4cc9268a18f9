#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/rng.h"
#include "muonlab/data/dataset.h"

/// Batches of images to augment, and whether what came up is random.
namespace muonlab::test {

/// A batch of epoch 0 with these images, numbered and labelled from 0 on.
inline data::PixelBatch batch_of(const Bytes& images) {
  Integers numbers({images.shape()[0]});
  std::iota(numbers.values().begin(), numbers.values().end(), 0);
  return {.images = images, .labels = numbers, .numbers = numbers, .epoch = 0};
}

/// Images whose pixels differ.
inline data::PixelBatch pixels(const Shape& shape) {
  Bytes images(shape);
  Rng rng(99);
  for (std::uint8_t& pixel : images.values()) pixel = rng.bits() & 255;
  return batch_of(images);
}

/// Images of one channel, all pixels `byte`, but `centre` in the middle.
inline data::PixelBatch spots(Index count, Index side, std::uint8_t byte, std::uint8_t centre) {
  Bytes images({count, 1, side, side});
  std::ranges::fill(images.values(), byte);
  for (Index i = 0; i < count; ++i) images.data()[i * side * side + side * side / 2] = centre;
  return batch_of(images);
}

/// How many images of one channel have `byte` at each place.
inline std::vector<double> times(const data::PixelBatch& batch, std::uint8_t byte) {
  const Index size = batch.images.shape()[2] * batch.images.shape()[3];
  std::vector<double> count(static_cast<std::size_t>(size));
  for (Index i = 0; i < batch.images.count(); ++i) {
    count[static_cast<std::size_t>(i % size)] += batch.images.data()[i] == byte ? 1 : 0;
  }
  return count;
}

/// Whether each of n equally likely places came up as often as chance has it in `draws` draws:
/// within five standard deviations.
inline void check_uniform(const std::vector<double>& counts, double draws) {
  const double p = 1 / static_cast<double>(counts.size());
  for (const double count : counts) {
    CHECK(std::abs(count - draws * p) < 5 * std::sqrt(draws * p * (1 - p)));
  }
}

}  // namespace muonlab::test
