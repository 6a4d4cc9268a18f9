#include "muonlab/core/kernels/pool.h"

#include <limits>

#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::kernel {
namespace {

/// The sizes of x's planes (h, w) and of y's (oh, ow), and the windows that y is made from.
struct Windows {
  Windows(const Shape& x, const Shape& y, const Pool2dOptions& options)
      : h(x[2]),
        w(x[3]),
        oh(y[2]),
        ow(y[3]),
        kh(options.size[0]),
        kw(options.size[1]),
        down(options.stride[0]),
        across(options.stride[1]),
        above(options.padding[0]),
        left(options.padding[1]) {}

  Index h, w, oh, ow, kh, kw;
  Index down, across;  // the strides
  Index above, left;   // the padding
};

/// Calls visit(tap, value) for the window of y's element k, row by row; beyond x, values are
/// `outside`.
template <class Visit>
__device__ void for_taps(const Windows& s, Index k, const float* x, float outside,
                         const Visit& visit) {
  const Index column = k % s.ow * s.across - s.left;
  const Index row = k / s.ow % s.oh * s.down - s.above;
  const float* plane = x + k / (s.oh * s.ow) * s.h * s.w;
  for (Index u = 0; u < s.kh; ++u) {
    for (Index v = 0; v < s.kw; ++v) {
      const Index r = row + u;
      const Index c = column + v;
      const bool inside = 0 <= r && r < s.h && 0 <= c && c < s.w;
      visit(u * s.kw + v, inside ? plane[r * s.w + c] : outside);
    }
  }
}

/// The windows [first, end) that see a place on an axis; places are counted from the padding on.
struct Range {
  Index first, end;
};
__device__ Range windows_at(Index place, Index size, Index stride, Index count) {
  return {place < size ? 0 : (place - size) / stride + 1, std::min(count, place / stride + 1)};
}

/// Calls visit(index in y, tap) for the windows that see dx's element k, always in the same order.
template <class Visit>
__device__ void for_windows(const Windows& s, Index k, const Visit& visit) {
  const Index column = k % s.w + s.left;
  const Index row = k / s.w % s.h + s.above;
  const Index plane = k / (s.h * s.w) * s.oh * s.ow;
  const Range rows = windows_at(row, s.kh, s.down, s.oh);
  const Range columns = windows_at(column, s.kw, s.across, s.ow);
  for (Index i = rows.first; i < rows.end; ++i) {
    for (Index j = columns.first; j < columns.end; ++j) {
      visit(plane + i * s.ow + j, (row - i * s.down) * s.kw + column - j * s.across);
    }
  }
}

}  // namespace

void MaxPool::cuda() const {
  const Windows windows(x.shape(), y.shape(), options);
  const float* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  std::uint8_t* at = cuda::on_gpu(position);
  constexpr float outside = -std::numeric_limits<float>::infinity();
  cuda::for_each(y.count(), [=] __device__(Index k) {
    float largest = outside;
    Index best = 0;
    for_taps(windows, k, from, outside, [&](Index tap, float value) {
      if (!(value > largest || value != value)) return;  // the latter: NaN
      largest = value;
      best = tap;
    });
    to[k] = largest;
    at[k] = static_cast<std::uint8_t>(best);
  });
}

void MaxPoolGrad::cuda() const {
  const Windows windows(dx.shape(), dy.shape(), options);
  const float* from = cuda::on_gpu(dy);
  const std::uint8_t* at = cuda::on_gpu(position);
  float* to = cuda::on_gpu(dx);
  cuda::for_each(dx.count(), [=] __device__(Index k) {
    float sum = 0;
    for_windows(windows, k, [&](Index window, Index tap) {
      if (at[window] == tap) sum += from[window];
    });
    to[k] = sum;
  });
}

void AvgPool::cuda() const {
  const Windows windows(x.shape(), y.shape(), options);
  const float* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  const auto area = static_cast<float>(windows.kh * windows.kw);
  cuda::for_each(y.count(), [=] __device__(Index k) {
    float sum = 0;
    for_taps(windows, k, from, 0, [&](Index, float value) { sum += value; });
    to[k] = sum / area;
  });
}

void AvgPoolGrad::cuda() const {
  const Windows windows(dx.shape(), dy.shape(), options);
  const float* from = cuda::on_gpu(dy);
  float* to = cuda::on_gpu(dx);
  const float share = 1 / static_cast<float>(windows.kh * windows.kw);
  cuda::for_each(dx.count(), [=] __device__(Index k) {
    float sum = 0;
    for_windows(windows, k, [&](Index window, Index) { sum += share * from[window]; });
    to[k] = sum;
  });
}

}  // namespace muonlab::kernel
