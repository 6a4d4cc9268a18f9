#pragma once

#include <span>

#include "muonlab/core/rng.h"
#include "muonlab/data/dataset.h"
#include "muonlab/data/examples.h"

/// Augmentations: each makes a new batch and leaves the old one as it is. They work on bytes, a
/// quarter of the memory of floats, and the last step, which evaluation has too, makes the floats:
///
///     PixelBatch augmented(const PixelBatch& batch, Rng rng) {
///       return random_flip(random_crop(batch, 4, rng), rng);
///     }
///     Batch normalized(const PixelBatch& batch) { return normalize(batch, mean, deviation); }
///
///     auto images = std::make_shared<Images>(cifar.train, augmented, normalized);
///     Batches batches(images, 128, Rng(seed, order_stream), Rng(seed, augment_stream));
///
/// They work where the images are, without a copy to or from the CPU. `rng` makes the random
/// decisions, one image after another: equal streams give equal images on every device and for any
/// number of threads. "Uniform" holds up to 2^-32 for the probability of each value. All throw
/// unless the images are (batch, channels, height, width).
namespace muonlab::data {

/// Surrounds each image by a frame of `padding` zeros and crops it to its size at a random place:
/// image i moves by (dy, dx), each uniform in {-padding, ..., padding}.
/// Throws unless padding is within [0, 2^31). He, Zhang, Ren, Sun 2015, arXiv:1512.03385.
PixelBatch random_crop(const PixelBatch& batch, Index padding, Rng& rng);

/// As random_crop, but the frame is the image mirrored at its outermost pixels, which are not
/// repeated: ... x2 x1 [x0 x1 x2 ...
/// Throws unless 0 <= reach < min(height, width). Jordan 2024 (airbench), arXiv:2404.00498.
PixelBatch random_translation(const PixelBatch& batch, Index reach, Rng& rng);

/// Every image is mirrored left to right with probability 1/2.
PixelBatch random_flip(const PixelBatch& batch, Rng& rng);

/// Every image is mirrored at random in epoch 0, and from then on in every other epoch, so that two
/// epochs in a row show both sides of it: image `number` of the dataset is mirrored where
/// rng.child(number)'s first bit + epoch is odd. So `rng` must be the same in all epochs, unlike
/// the one that an Augmentation is given. Throws unless there is a number for each image. Jordan
/// 2024 (airbench), arXiv:2404.00498.
PixelBatch alternating_flip(const PixelBatch& batch, const Rng& rng);

/// Sets a square of size x size pixels around a random pixel (y, x) of each image to 0, as far as
/// it lies within the image: rows [y - size / 2, y - size / 2 + size), and columns in the same way.
/// Throws unless size is within [0, 2^31). DeVries, Taylor 2017, arXiv:1708.04552.
PixelBatch cutout(const PixelBatch& batch, Index size, Rng& rng);

/// (x / 255 - mean(c)) / deviation(c) for every pixel x of channel c, up to rounding.
/// Throws unless there is a mean and a deviation above 0 for each channel.
Batch normalize(const PixelBatch& batch, std::span<const float> mean,
                std::span<const float> deviation);

/// x / 255, to the bit as Images do it without a Conversion.
Batch to_unit(const PixelBatch& batch);

}  // namespace muonlab::data
