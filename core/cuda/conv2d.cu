#include "muonlab/core/kernels/conv2d.h"

#include <algorithm>
#include <memory>
#include <type_traits>

#include <cuda_bf16.h>

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/product.cuh"
#include "muonlab/core/kernels/fill.h"
#include "muonlab/core/kernels/reduce.h"

// As on the CPU, the convolution of one group of one image is a product of the filters with the
// unfolded image x', and its gradients are products too:
//
//     y = w x'    dx' = w^T dy    dw = dy x'^T    x' = unfold(x): (taps, positions)
//
// The images of y and dy follow each other, so a batched product writes y, and reads dy, in place.
// dw sums over all images: for it, x' and dy are copied with the positions of all images side by
// side, and long sums are cut into pieces. A batched product would have to write and add one dw for
// each image, which is more than dy when images are small and filters many.
namespace muonlab::kernel {
namespace {

/// Elements of x' that are made at a time: enough to keep the GPU busy, and not much more than its
/// cache holds. A constant, so that the order of additions never changes.
constexpr Index most_unfolded = Index{1} << 24;

/// A convolution of images (n, channels, h, w), as in core/cpu/unfold.h, but of all groups: element
/// (t, q) of x' is the pixel that tap t = (c, u, v) sees at position q = (i, j).
struct Unfold {
  Unfold(const Shape& x, const Shape& filters, const Shape& y, const Conv2dOptions& o)
      : channels(x[1]),
        h(x[2]),
        w(x[3]),
        kh(filters[2]),
        kw(filters[3]),
        oh(y[2]),
        ow(y[3]),
        down(o.stride[0]),
        across(o.stride[1]),
        above(o.padding[0]),
        left(o.padding[1]),
        tap_down(o.dilation[0]),
        tap_across(o.dilation[1]) {}

  Index taps() const { return channels * kh * kw; }
  Index positions() const { return oh * ow; }

  /// The number of images, of `images`, that are unfolded together.
  Index run(Index images) const {
    return std::max<Index>(1, std::min(images, most_unfolded / (taps() * positions())));
  }

  /// Whether x' equals x, so that nothing needs to be unfolded.
  bool is_nothing() const {
    return kh == 1 && kw == 1 && down == 1 && across == 1 && above == 0 && left == 0;
  }

  Index channels, h, w, kh, kw, oh, ow;
  Index down, across;          // the strides
  Index above, left;           // the padding
  Index tap_down, tap_across;  // the dilation
};

/// Numbers on the GPU in the precision of a product: T is float or __nv_bfloat16.
template <class T>
struct Numbers {
  std::shared_ptr<void> memory;  // null when a tensor owns the data
  const T* data;
};

template <class T>
constexpr Precision precision_of =
    std::is_same_v<T, float> ? Precision::float32 : Precision::bfloat16;

__device__ void put(float value, float* to) { *to = value; }
__device__ void put(float value, __nv_bfloat16* to) { *to = __float2bfloat16_rn(value); }

template <class T>
std::shared_ptr<void> allocate(Index count) {
  return memory::allocate(static_cast<std::size_t>(count) * sizeof(T), Device::cuda);
}

/// The numbers of x: in place for float32, else a rounded copy, made once for all groups.
template <class T>
Numbers<T> numbers(const Tensor& x) {
  if constexpr (std::is_same_v<T, float>) {
    return {nullptr, cuda::on_gpu(x)};
  } else {
    auto memory = cuda::to_bfloat16(cuda::on_gpu(x), x.count());
    return {memory, static_cast<const T*>(memory.get())};
  }
}

template <class T>
cuda::Matrices matrices(const T* data, Index stride, Index step) {
  return {.data = data, .stride = stride, .step = step, .elements = precision_of<T>};
}

cuda::Matrices transposed(cuda::Matrices x) {
  x.transposed = true;
  return x;
}

/// x' of all images of x, `image_step` apart, with rows `tap_step` apart. One thread for each
/// position of each channel, so that neighbouring threads read and write neighbouring elements.
template <class T>
Numbers<T> unfold(const Unfold& s, const Tensor& x, Index image_step, Index tap_step) {
  const Index count = x.shape()[0] * s.channels * s.positions();
  auto memory = allocate<T>(count * s.kh * s.kw);
  const float* from = cuda::on_gpu(x);
  T* columns = static_cast<T*>(memory.get());
  cuda::for_each(count, [=] __device__(Index k) {
    const Index column = k % s.ow * s.across - s.left;
    const Index row = k / s.ow % s.oh * s.down - s.above;
    const Index plane = k / (s.oh * s.ow);
    const float* pixels = from + plane * s.h * s.w;
    T* to = columns + plane / s.channels * image_step +
            plane % s.channels * s.kh * s.kw * tap_step + k % (s.oh * s.ow);
    for (Index u = 0; u < s.kh; ++u) {
      const Index r = row + u * s.tap_down;
      for (Index v = 0; v < s.kw; ++v, to += tap_step) {
        const Index c = column + v * s.tap_across;
        const bool inside = 0 <= r && r < s.h && 0 <= c && c < s.w;
        put(inside ? pixels[r * s.w + c] : 0, to);
      }
    }
  });
  return {memory, columns};
}

/// The position whose filter begins at `place` on an axis with `count` positions, `stride` apart;
/// -1 for none. A stride of 1 avoids the division, which takes longer than the rest.
__device__ Index position_at(Index place, Index stride, Index count) {
  if (place < 0) return -1;
  const Index position = stride == 1 ? place : place / stride;
  return position * stride == place && position < count ? position : -1;
}

/// The transpose of unfold(): each pixel of dx is the sum of dx' (n, taps, positions) over the taps
/// and positions that see it, tap by tap.
void fold(const Unfold& s, const float* columns, Tensor& dx) {
  float* to = cuda::on_gpu(dx);
  cuda::for_each(dx.count(), [=] __device__(Index k) {
    const Index column = k % s.w + s.left;
    const Index row = k / s.w % s.h + s.above;
    const float* tap = columns + k / (s.h * s.w) * s.kh * s.kw * s.oh * s.ow;
    float sum = 0;
    for (Index u = 0; u < s.kh; ++u) {
      const Index i = position_at(row - u * s.tap_down, s.down, s.oh);
      for (Index v = 0; v < s.kw; ++v, tap += s.oh * s.ow) {
        const Index j = position_at(column - v * s.tap_across, s.across, s.ow);
        if (i >= 0 && j >= 0) sum += tap[i * s.ow + j];
      }
    }
    to[k] = sum;
  });
}

/// y = bias, for every image and position.
void copy_bias(const Tensor& bias, Tensor& y) {
  const float* from = cuda::on_gpu(bias);
  float* to = cuda::on_gpu(y);
  const Index channels = y.shape()[1];
  const Index positions = y.shape()[2] * y.shape()[3];
  cuda::for_each(y.count(), [=] __device__(Index k) { to[k] = from[k / positions % channels]; });
}

/// y (n, channels, positions) as (channels, n positions).
template <class T>
Numbers<T> side_by_side(const Tensor& y) {
  const Index images = y.shape()[0];
  const Index channels = y.shape()[1];
  const Index positions = y.shape()[2] * y.shape()[3];
  auto memory = allocate<T>(y.count());
  const float* from = cuda::on_gpu(y);
  T* to = static_cast<T*>(memory.get());
  cuda::for_each(y.count(), [=] __device__(Index k) {
    const Index image = k / positions % images;
    const Index channel = k / positions / images;
    put(from[(image * channels + channel) * positions + k % positions], to + k);
  });
  return {memory, to};
}

/// y = w x' + bias, image by image.
template <class T>
void convolve(const Conv2d& k) {
  const Unfold s(k.x.shape(), k.w.shape(), k.y.shape(), k.options);
  const Index groups = k.options.groups;
  const Index images = k.x.shape()[0];
  const Index positions = s.positions();
  const Index out = k.w.shape()[0] / groups;
  const Index taps = s.taps() / groups;
  if (k.bias != nullptr) copy_bias(*k.bias, k.y);
  const Numbers<T> w = numbers<T>(k.w);
  for (Index first = 0; first < images; first += s.run(images)) {
    const Tensor x = k.x.slice(first, std::min(images, first + s.run(images)));
    const Numbers<T> columns =
        s.is_nothing() ? numbers<T>(x) : unfold<T>(s, x, s.taps() * positions, positions);
    for (Index g = 0; g < groups; ++g) {
      cuda::Product{
          .m = out,
          .n = positions,
          .k = taps,
          .a = matrices(w.data + g * out * taps, taps, 0),
          .b = matrices(columns.data + g * taps * positions, positions, s.taps() * positions),
          .c = cuda::on_gpu(k.y) + (first * groups + g) * out * positions,
          .c_step = groups * out * positions,
          .batch = x.shape()[0],
          .beta = k.bias == nullptr ? 0.0F : 1.0F,
          .precision = precision_of<T>}
          .run();
    }
  }
}

/// dx = fold(w^T dy), image by image.
template <class T>
void input_grad(const Conv2dInputGrad& k) {
  const Unfold s(k.dx.shape(), k.w.shape(), k.dy.shape(), k.options);
  const Index groups = k.options.groups;
  const Index images = k.dx.shape()[0];
  const Index positions = s.positions();
  const Index out = k.w.shape()[0] / groups;
  const Index taps = s.taps() / groups;
  const Numbers<T> w = numbers<T>(k.w);
  for (Index first = 0; first < images; first += s.run(images)) {
    const Index end = std::min(images, first + s.run(images));
    Tensor dx = k.dx.slice(first, end);
    const Numbers<T> dy = numbers<T>(k.dy.slice(first, end));
    Tensor columns = s.is_nothing() ? dx : Tensor({end - first, s.taps(), positions}, Device::cuda);
    for (Index g = 0; g < groups; ++g) {
      cuda::Product{
          .m = taps,
          .n = positions,
          .k = out,
          .a = transposed(matrices(w.data + g * out * taps, taps, 0)),
          .b = matrices(dy.data + g * out * positions, positions, groups * out * positions),
          .c = cuda::on_gpu(columns) + g * taps * positions,
          .c_step = s.taps() * positions,
          .batch = end - first,
          .precision = precision_of<T>}
          .run();
    }
    if (!s.is_nothing()) fold(s, cuda::on_gpu(columns), dx);
  }
}

/// The length of the pieces that dw's sums over `length` terms are cut into. It is halved until
/// there are enough blocks to keep the GPU busy: a block makes about 64 by 64 of a piece's (out,
/// taps) results.
Index piece_of(Index length, Index out, Index taps) {
  constexpr Index side = 64;
  constexpr Index blocks = 256;  // about two for each multiprocessor
  constexpr Index shortest = 256;
  const Index tiles = ((out + side - 1) / side) * ((taps + side - 1) / side);
  Index piece = length;
  while (piece >= 2 * shortest && length / piece * tiles < blocks) {
    piece = (piece / 2 + 7) / 8 * 8;  // whole vectors
  }
  return piece;
}

/// The products that make the pieces of dw's sums, over the positions of some images.
template <class T>
struct WeightProduct {
  Index out, taps, groups;
  Index length, piece;
  const T* dy;  // (groups out, length)
  const T* x;   // (groups taps, length)
  float* sums;  // (pieces, groups out, taps)
  float beta;

  /// Makes `count` pieces of `size` terms, from piece `first` on, for all groups.
  void run(Index first, Index count, Index size) const {
    for (Index g = 0; g < groups; ++g) {
      const Index at = g * out * taps;
      cuda::Product{.m = out,
                    .n = taps,
                    .k = size,
                    .a = matrices(dy + g * out * length + first * piece, length, piece),
                    .b = transposed(matrices(x + g * taps * length + first * piece, length, piece)),
                    .c = sums + first * groups * out * taps + at,
                    .c_step = groups * out * taps,
                    .batch = count,
                    .beta = beta,
                    .precision = precision_of<T>}
          .run();
    }
  }
};

/// dw = dy x'^T, over the positions of all images.
template <class T>
void weight_grad(const Conv2dWeightGrad& k) {
  const Unfold s(k.x.shape(), k.dw.shape(), k.dy.shape(), k.options);
  const Index groups = k.options.groups;
  const Index images = k.x.shape()[0];
  const Index positions = s.positions();
  const Index out = k.dw.shape()[0] / groups;
  const Index taps = s.taps() / groups;
  const Index run = s.run(images);
  const Index piece = piece_of(run * positions, out, taps);
  const Index pieces = (run * positions + piece - 1) / piece;
  Tensor sums({pieces, k.dw.count()}, Device::cuda);
  for (Index first = 0; first < images; first += run) {
    const Index end = std::min(images, first + run);
    const Index length = (end - first) * positions;
    const Numbers<T> columns = unfold<T>(s, k.x.slice(first, end), positions, length);
    const Numbers<T> dy = side_by_side<T>(k.dy.slice(first, end));
    const WeightProduct<T> product{.out = out,
                                   .taps = taps,
                                   .groups = groups,
                                   .length = length,
                                   .piece = piece,
                                   .dy = dy.data,
                                   .x = columns.data,
                                   .sums = cuda::on_gpu(sums),
                                   .beta = first == 0 ? 0.0F : 1.0F};
    product.run(0, length / piece, piece);
    if (length % piece > 0) product.run(length / piece, 1, length % piece);
  }
  Sum{.x = sums, .y = k.dw, .outer = 1, .size = pieces, .inner = k.dw.count()}.cuda();
}

}  // namespace

void Conv2d::cuda() const {
  if (y.count() == 0) return;
  precision == Precision::float32 ? convolve<float>(*this) : convolve<__nv_bfloat16>(*this);
}

void Conv2dInputGrad::cuda() const {
  if (dx.count() == 0) return;
  precision == Precision::float32 ? input_grad<float>(*this) : input_grad<__nv_bfloat16>(*this);
}

void Conv2dWeightGrad::cuda() const {
  if (x.count() == 0) return Fill{.value = 0, .y = dw}.cuda();
  precision == Precision::float32 ? weight_grad<float>(*this) : weight_grad<__nv_bfloat16>(*this);
}

}  // namespace muonlab::kernel
