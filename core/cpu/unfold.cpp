#include "muonlab/core/cpu/unfold.h"

#include <algorithm>
#include <type_traits>

namespace muonlab {
namespace {

/// Calls body(size), where size is a constant for the usual lengths of an image's rows, which Eigen
/// copies in one or two instructions, and Eigen::Dynamic for other lengths.
template <class Body>
void with_size(Index length, const Body& body) {
  switch (length) {
    case 8: return body(std::integral_constant<int, 8>());
    case 16: return body(std::integral_constant<int, 16>());
    case 32: return body(std::integral_constant<int, 32>());
    default: return body(std::integral_constant<int, Eigen::Dynamic>());
  }
}

template <int size>
using Row = Eigen::Map<Eigen::Array<float, size, 1>>;
template <int size>
using ConstRow = Eigen::Map<const Eigen::Array<float, size, 1>>;

using Step = Eigen::InnerStride<Eigen::Dynamic>;
using Apart = Eigen::Map<Eigen::ArrayXf, 0, Step>;  // a step between its elements
using ConstApart = Eigen::Map<const Eigen::ArrayXf, 0, Step>;

}  // namespace

Unfold::Unfold(const Shape& x, const Shape& w, const Shape& y, const Conv2dOptions& options)
    : channels_(w[1]),
      in_{x[2], x[3]},
      out_{y[2], y[3]},
      padded_{x[2] + 2 * options.padding[0], x[3] + 2 * options.padding[1]},
      options_(options) {
  // Column by column: then consecutive rows of pixels in fold() do not overlap, so that no addition
  // waits for the previous one to reach the cache.
  for (Index v = 0; v < w[3]; ++v) {
    for (Index u = 0; u < w[2]; ++u) {
      taps_.push_back({.row = u * w[3] + v,
                       .pixel = u * options.dilation[0] * padded_[1] + v * options.dilation[1]});
    }
  }
}

template <class Visit>
void Unfold::for_each_row(const Visit& visit) const {
  const Index margin = options_.padding[0] * padded_[1] + options_.padding[1];
  for (Index c = 0; c < channels_; ++c) {
    for (Index i = 0; i < in_[0]; ++i) {
      visit((c * in_[0] + i) * in_[1], (c * padded_[0] + i) * padded_[1] + margin);
    }
  }
}

void Unfold::pad(const float* image, float* padded) const {
  for_each_row(
      [=, this](Index row, Index middle) { std::copy_n(image + row, in_[1], padded + middle); });
}

void Unfold::crop(const float* padded, float* image) const {
  for_each_row(
      [=, this](Index row, Index middle) { std::copy_n(padded + middle, in_[1], image + row); });
}

template <class Visit>
void Unfold::for_each_run(Index first, Index count, const Visit& visit) const {
  const Index width = whole_vectors(count);
  for (Index c = 0; c < channels_; ++c) {
    Index i = first / out_[1];
    Index j = first % out_[1];
    for (Index column = 0; column < count; ++i, j = 0) {
      const Index length = std::min(out_[1] - j, count - column);
      const Index pixel = (c * padded_[0] + i * options_.stride[0]) * padded_[1];
      visit(length, c * taps_of_channel() * width + column, pixel + j * options_.stride[1]);
      column += length;
    }
  }
}

void Unfold::unfold(const float* padded, Index first, Index count, float* panel) const {
  const Index width = whole_vectors(count);
  const Index step = options_.stride[1];
  if (width > count) std::fill_n(panel, taps() * width, 0.0F);
  for_each_run(first, count, [=, this](Index length, Index column, Index pixel) {
    with_size(step == 1 ? length : 0, [=, this](auto size) {
      for (const Tap& tap : taps_) {
        float* to = panel + column + tap.row * width;
        const float* from = padded + pixel + tap.pixel;
        if (step == 1) {
          Row<size>(to, length) = ConstRow<size>(from, length);
        } else {
          Row<size>(to, length) = ConstApart(from, length, Step(step));
        }
      }
    });
  });
}

void Unfold::fold(const float* panel, Index first, Index count, float* padded) const {
  const Index width = whole_vectors(count);
  const Index step = options_.stride[1];
  for_each_run(first, count, [=, this](Index length, Index column, Index pixel) {
    with_size(step == 1 ? length : 0, [=, this](auto size) {
      for (const Tap& tap : taps_) {
        const float* from = panel + column + tap.row * width;
        float* to = padded + pixel + tap.pixel;
        if (step == 1) {
          Row<size>(to, length) += ConstRow<size>(from, length);
        } else {
          Apart(to, length, Step(step)) += ConstRow<size>(from, length);
        }
      }
    });
  });
}

}  // namespace muonlab
