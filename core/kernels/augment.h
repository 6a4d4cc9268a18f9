#pragma once

#include <span>

#include "muonlab/core/elementwise.h"
#include "muonlab/core/tensor.h"

/// Augmentations of images of bytes, (batch, channels, height, width). The random decisions come as
/// arrays, one entry an image, so that the result is the same on every device and for any number of
/// threads. On the GPU nothing outside of an array is read: it counts as 0.
namespace muonlab::kernel {

/// y(i, ...) = x(index(i), ...): the images of a batch. On the GPU the image of an index outside
/// [0, n) is 0.
struct GatherPixels {
  const Bytes& x;         // (n, ...)
  const Integers& index;  // (batch), each within [0, n)
  Bytes& y;               // (batch, ...)

  void cpu() const;
  void cuda() const;
};

/// The pixels around an image.
enum class Border {
  zero,
  reflect,  // the image, mirrored at its outermost pixels, which are not repeated
};

/// The place in [0, size) that the pixel at `position`, which may lie outside, comes from; -1: it
/// is 0.
MUONLAB_HOST_DEVICE inline Index source_of(Index position, Index size, Border border) {
  if (0 <= position && position < size) return position;
  if (border == Border::zero) return -1;
  const Index mirrored = position < 0 ? -position : 2 * (size - 1) - position;
  return 0 <= mirrored && mirrored < size ? mirrored : -1;
}

/// y(i, c, h, w) = x(i, c, h + dy, w + dx), where (dy, dx) = by(i).
struct Shift {
  const Bytes& x;
  const Integers& by;  // (batch, 2); with Border::reflect less than height and width in size
  Border border;
  Bytes& y;  // as x, in other memory

  void cpu() const;
  void cuda() const;
};

/// y(i, c, h, w) = x(i, c, h, width - 1 - w) where flipped(i) is not 0, else x(i, c, h, w).
struct Flip {
  const Bytes& x;
  const Integers& flipped;  // (batch)
  Bytes& y;                 // as x, in other memory

  void cpu() const;
  void cuda() const;
};

/// y = x, but 0 in rows [top, top + size) and columns [left, left + size) of every channel, where
/// (top, left) = corner(i). Parts of the square may lie outside.
struct Cutout {
  const Bytes& x;
  const Integers& corner;  // (batch, 2)
  Index size;
  Bytes& y;  // as x, in other memory

  void cpu() const;
  void cuda() const;
};

/// y(i, c, h, w) = scale(c) x(i, c, h, w) + shift(c): bytes to floats.
struct ScalePixels {
  const Bytes& x;
  std::span<const float> scale;  // one a channel, on the CPU
  std::span<const float> shift;  // one a channel, on the CPU
  Tensor& y;                     // as x

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
