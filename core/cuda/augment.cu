#include "muonlab/core/kernels/augment.h"

#include <algorithm>
#include <cstdint>

#include "muonlab/core/cuda/gather.cuh"

namespace muonlab::kernel {
namespace {

/// The indices of an element in (batch, channels, height, width).
struct Place {
  Index image, channel, h, w;
};

/// Sizes of an image.
struct Size {
  Index channels, height, width;

  explicit Size(const Shape& shape) : channels(shape[1]), height(shape[2]), width(shape[3]) {}

  __device__ Place place(Index i) const {
    const Index row = i / width;
    const Index plane = row / height;
    return {plane / channels, plane % channels, row % height, i % width};
  }
};

constexpr Index most_channels = 64;  // of a launch: kernel arguments are limited in size

struct Channels {
  float scale[most_channels];
  float shift[most_channels];
};

}  // namespace

void GatherPixels::cuda() const { cuda::gather(x, index, y, std::uint8_t{0}, cuda::Unchanged{}); }

void Shift::cuda() const {
  const Size size(x.shape());
  const Border around = border;
  const std::uint8_t* from = cuda::on_gpu(x);
  const std::int32_t* offset = cuda::on_gpu(by);
  std::uint8_t* to = cuda::on_gpu(y);
  cuda::for_each(y.count(), [=] __device__(Index i) {
    const Place at = size.place(i);
    const Index h = source_of(at.h + offset[2 * at.image], size.height, around);
    const Index w = source_of(at.w + offset[2 * at.image + 1], size.width, around);
    const Index here = at.h * size.width + at.w;
    to[i] = h < 0 || w < 0 ? std::uint8_t{0} : from[i - here + h * size.width + w];
  });
}

void Flip::cuda() const {
  const Size size(x.shape());
  const std::uint8_t* from = cuda::on_gpu(x);
  const std::int32_t* mirrored = cuda::on_gpu(flipped);
  std::uint8_t* to = cuda::on_gpu(y);
  cuda::for_each(y.count(), [=] __device__(Index i) {
    const Place at = size.place(i);
    to[i] = from[mirrored[at.image] == 0 ? i : i - at.w + size.width - 1 - at.w];
  });
}

void Cutout::cuda() const {
  const Size image(x.shape());
  const Index side = size;
  const std::uint8_t* from = cuda::on_gpu(x);
  const std::int32_t* top_left = cuda::on_gpu(corner);
  std::uint8_t* to = cuda::on_gpu(y);
  cuda::for_each(y.count(), [=] __device__(Index i) {
    const Place at = image.place(i);
    const Index h = at.h - top_left[2 * at.image];
    const Index w = at.w - top_left[2 * at.image + 1];
    to[i] = 0 <= h && h < side && 0 <= w && w < side ? std::uint8_t{0} : from[i];
  });
}

void ScalePixels::cuda() const {
  const Size size(x.shape());
  const Index plane = size.height * size.width;
  const Index images = x.shape()[0];
  const std::uint8_t* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  for (Index first = 0; first < size.channels; first += most_channels) {
    const Index count = std::min(most_channels, size.channels - first);
    Channels channels{};
    std::copy_n(scale.begin() + first, count, channels.scale);
    std::copy_n(shift.begin() + first, count, channels.shift);
    cuda::for_each(images * count * plane, [=] __device__(Index i) {
      const Index c = i / plane % count;
      const Index image = i / plane / count;
      const Index k = (image * size.channels + first + c) * plane + i % plane;
      to[k] = channels.scale[c] * static_cast<float>(from[k]) + channels.shift[c];
    });
  }
}

}  // namespace muonlab::kernel
