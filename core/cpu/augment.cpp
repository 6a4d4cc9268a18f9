#include "muonlab/core/kernels/augment.h"

#include <algorithm>
#include <cstdint>

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

/// Calls body(i) for every entry of the first axis, on all threads.
template <class Body>
void for_each_image(const Shape& shape, const Body& body) {
  const Index size = shape[0] == 0 ? 0 : shape.count() / shape[0];
  parallel_for(shape[0], row_grain(size), [&body](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) body(i);
  });
}

/// y(w) = x(w + dx) for one row.
void shift_row(const std::uint8_t* x, Index dx, Index width, Border border, std::uint8_t* y) {
  const auto pixel = [=](Index w) {
    const Index from = source_of(w + dx, width, border);
    return from < 0 ? std::uint8_t{0} : x[from];
  };
  // Pixels [begin, end) come from within the row.
  const Index begin = std::clamp<Index>(-dx, 0, width);
  const Index end = std::clamp<Index>(width - dx, begin, width);
  for (Index w = 0; w < begin; ++w) y[w] = pixel(w);
  if (begin < end) std::copy_n(x + begin + dx, end - begin, y + begin);
  for (Index w = end; w < width; ++w) y[w] = pixel(w);
}

}  // namespace

void GatherPixels::cpu() const {
  const Index size = y.shape()[0] == 0 ? 0 : y.count() / y.shape()[0];
  for_each_image(y.shape(), [=, *this](Index i) {
    std::copy_n(x.data() + index.data()[i] * size, size, y.data() + i * size);
  });
}

void Shift::cpu() const {
  const Index channels = x.shape()[1];
  const Index height = x.shape()[2];
  const Index width = x.shape()[3];
  std::uint8_t* rows = y.data();
  for_each_image(x.shape(), [=, *this](Index i) {
    const Index dy = by.data()[2 * i];
    const Index dx = by.data()[2 * i + 1];
    for (Index channel = i * channels; channel < (i + 1) * channels; ++channel) {
      for (Index h = 0; h < height; ++h) {
        std::uint8_t* to = rows + (channel * height + h) * width;
        const Index from = source_of(h + dy, height, border);
        if (from < 0) {
          std::fill_n(to, width, std::uint8_t{0});
        } else {
          shift_row(x.data() + (channel * height + from) * width, dx, width, border, to);
        }
      }
    }
  });
}

void Flip::cpu() const {
  const Index width = x.shape()[3];
  const Index size = x.shape()[1] * x.shape()[2] * width;
  for_each_image(x.shape(), [=, *this](Index i) {
    const std::uint8_t* from = x.data() + i * size;
    std::uint8_t* to = y.data() + i * size;
    if (flipped.data()[i] == 0) {
      std::copy_n(from, size, to);
      return;
    }
    for (Index row = 0; row < size; row += width) {
      std::reverse_copy(from + row, from + row + width, to + row);
    }
  });
}

void Cutout::cpu() const {
  const Index channels = x.shape()[1];
  const Index height = x.shape()[2];
  const Index width = x.shape()[3];
  const Index image = channels * height * width;
  std::uint8_t* rows = y.data();
  for_each_image(x.shape(), [=, *this](Index i) {
    std::copy_n(x.data() + i * image, image, rows + i * image);
    const Index top = corner.data()[2 * i];
    const Index left = corner.data()[2 * i + 1];
    const Index begin = std::clamp<Index>(left, 0, width);
    const Index end = std::clamp<Index>(left + size, 0, width);
    for (Index channel = i * channels; channel < (i + 1) * channels; ++channel) {
      for (Index h = std::max<Index>(0, top); h < std::min(top + size, height); ++h) {
        std::uint8_t* row = rows + (channel * height + h) * width;
        std::fill(row + begin, row + end, std::uint8_t{0});
      }
    }
  });
}

void ScalePixels::cpu() const {
  const Index channels = x.shape()[1];
  const Index size = x.shape()[2] * x.shape()[3];
  for_each_image(x.shape(), [=, *this](Index i) {
    for (Index c = 0; c < channels; ++c) {
      const float factor = scale[c];
      const float term = shift[c];
      const std::uint8_t* from = x.data() + (i * channels + c) * size;
      float* to = y.data() + (i * channels + c) * size;
      for (Index k = 0; k < size; ++k) to[k] = factor * static_cast<float>(from[k]) + term;
    }
  });
}

}  // namespace muonlab::kernel
