#include "muonlab/core/kernels/pool.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

/// n numbers side by side, as vectors of GCC and Clang. A loop over four floats compiles to
/// branches instead, which random data mispredicts: measured 10 times slower.
template <int n>
struct Neighbours {
  using Floats [[gnu::vector_size(n * sizeof(float))]] = float;
  using Ints [[gnu::vector_size(n * sizeof(float))]] = std::int32_t;
  using Bytes [[gnu::vector_size(n)]] = std::uint8_t;
};

/// n numbers, `step` apart.
template <int n>
typename Neighbours<n>::Floats load(const float* from, Index step) {
  typename Neighbours<n>::Floats numbers;
  for (int k = 0; k < n; ++k) numbers[k] = from[k * step];
  return numbers;
}

/// 2 n numbers in a row: those at even places, then those at odd ones.
template <int n>
std::array<typename Neighbours<n>::Floats, 2> load_pairs(const float* from) {
  typename Neighbours<2 * n>::Floats row;
  std::memcpy(&row, from, sizeof row);
  return [&]<int... k>(std::integer_sequence<int, k...>) {
    return std::array{__builtin_shufflevector(row, row, 2 * k...),
                      __builtin_shufflevector(row, row, 2 * k + 1 ...)};
  }
  (std::make_integer_sequence<int, n>{});
}

/// The inverse of load_pairs().
template <int n>
void store_pairs(typename Neighbours<n>::Floats even, typename Neighbours<n>::Floats odd,
                 float* to) {
  [&]<int... k>(std::integer_sequence<int, k...>) {
    const auto row = __builtin_shufflevector(even, odd, (k / 2 + k % 2 * n)...);
    std::memcpy(to, &row, sizeof row);
  }
  (std::make_integer_sequence<int, 2 * n>{});
}

/// Whether windows are 2x2 side by side, the usual case. Reading whole rows for them was measured
/// 1.5 times faster.
bool are_pairs(const Pool2dOptions& options) {
  return options.size == Pair(2) && options.stride == Pair(2);
}

/// The planes of x, each within its padding: the frame.
struct Frames {
  Frames(const Shape& x, const Shape& y, const Pool2dOptions& pooling)
      : count(x[0] * x[1]),
        h(x[2]),
        w(x[3]),
        height(h + 2 * pooling.padding[0]),
        width(w + 2 * pooling.padding[1]),
        oh(y[2]),
        ow(y[3]),
        options(pooling) {}

  /// Calls body(x's frame, y's offset) for each plane; the padding holds `outside`.
  template <class Body>
  void read(const Tensor& x, float outside, const Body& body) const {
    parallel_for(count, row_grain(height * width), [&, this](Index begin, Index end) {
      std::vector<float> copy(is_padded() ? height * width : 0, outside);
      for (Index p = begin; p < end; ++p) {
        const float* plane = x.data() + p * h * w;
        float* inner = copy.data() + inner_offset();
        if (is_padded()) {
          for (Index i = 0; i < h; ++i) std::copy_n(plane + i * w, w, inner + i * width);
        }
        body(is_padded() ? copy.data() : plane, p * oh * ow);
      }
    });
  }

  /// Calls body(dx's frame, dy's offset) for each plane; body adds to the frame, which starts at 0
  /// and whose padding is dropped.
  template <class Body>
  void add(Tensor& dx, const Body& body) const {
    parallel_for(count, row_grain(height * width), [&, this](Index begin, Index end) {
      std::vector<float> copy(is_padded() ? height * width : 0);
      for (Index p = begin; p < end; ++p) {
        float* plane = dx.data() + p * h * w;
        float* frame = is_padded() ? copy.data() : plane;
        std::fill_n(frame, height * width, 0.0F);
        body(frame, p * oh * ow);
        const float* inner = copy.data() + inner_offset();
        if (is_padded()) {
          for (Index i = 0; i < h; ++i) std::copy_n(inner + i * width, w, plane + i * w);
        }
      }
    });
  }

  /// Calls body(n, corner, k) for the windows k, k + 1, ..., k + n - 1 of a plane: 8 neighbours
  /// together, then 4, the rest of each row one by one.
  template <class Body>
  void for_windows(const Body& body) const {
    for (Index i = 0; i < oh; ++i) {
      const Index row = i * options.stride[0] * width;
      Index j = 0;
      const auto take = [&](auto n) {
        for (; j + n <= ow; j += n) body(n, row + j * options.stride[1], i * ow + j);
      };
      take(std::integral_constant<int, 8>{});
      take(std::integral_constant<int, 4>{});
      take(std::integral_constant<int, 1>{});
    }
  }

  bool is_padded() const { return height * width > h * w; }
  Index inner_offset() const { return options.padding[0] * width + options.padding[1]; }

  Index count;
  Index h, w;           // of x
  Index height, width;  // of a frame
  Index oh, ow;         // of y
  Pool2dOptions options;
};

/// The largest elements of n neighbouring windows, and where in its window each is.
template <int n>
void max_pool(const float* corner, const Frames& frames, float* y, std::uint8_t* position) {
  const auto find = [=](Index kh, Index kw, const auto& tap) {
    auto largest = tap(0, 0);
    typename Neighbours<n>::Ints best{};
    typename Neighbours<n>::Ints here{};
    for (Index u = 0; u < kh; ++u) {
      for (Index v = 0; v < kw; ++v) {
        const auto value = tap(u, v);
        const auto is_larger = (value > largest) | (value != value);  // the latter: NaN
        largest = is_larger ? value : largest;
        best = is_larger ? here : best;
        here += 1;
      }
    }
    const auto bytes = __builtin_convertvector(best, typename Neighbours<n>::Bytes);
    std::memcpy(y, &largest, sizeof largest);
    std::memcpy(position, &bytes, sizeof bytes);
  };
  if (are_pairs(frames.options)) {
    const std::array rows = {load_pairs<n>(corner), load_pairs<n>(corner + frames.width)};
    find(2, 2, [&rows](Index u, Index v) { return rows[u][v]; });
  } else {
    const auto [kh, kw] = frames.options.size;
    find(kh, kw, [=, width = frames.width, step = frames.options.stride[1]](Index u, Index v) {
      return load<n>(corner + u * width + v, step);
    });
  }
}

/// The gradients of n neighbouring windows 2x2: the largest element gets its window's gradient, the
/// others 0.
template <int n>
void max_pool_grad(const float* dy, const std::uint8_t* position, float* corner, Index width) {
  typename Neighbours<n>::Floats gradient;
  typename Neighbours<n>::Bytes bytes;
  std::memcpy(&gradient, dy, sizeof gradient);
  std::memcpy(&bytes, position, sizeof bytes);
  const auto tap = __builtin_convertvector(bytes, typename Neighbours<n>::Ints);
  const typename Neighbours<n>::Floats zero{};
  store_pairs<n>(tap == 0 ? gradient : zero, tap == 1 ? gradient : zero, corner);
  store_pairs<n>(tap == 2 ? gradient : zero, tap == 3 ? gradient : zero, corner + width);
}

/// The means of n neighbouring windows.
template <int n>
void avg_pool(const float* corner, const Frames& frames, float* y) {
  const auto [kh, kw] = frames.options.size;
  const Index step = frames.options.stride[1];
  typename Neighbours<n>::Floats total{};
  for (Index u = 0; u < kh; ++u) {
    for (Index v = 0; v < kw; ++v) total += load<n>(corner + u * frames.width + v, step);
  }
  total /= static_cast<float>(kh * kw);
  std::memcpy(y, &total, sizeof total);
}

}  // namespace

void MaxPool::cpu() const {
  const Frames frames(x.shape(), y.shape(), options);
  constexpr float outside = -std::numeric_limits<float>::infinity();
  frames.read(x, outside, [frames, this](const float* frame, Index offset) {
    float* to = y.data() + offset;
    std::uint8_t* at = position.data() + offset;
    frames.for_windows([=](auto n, Index corner, Index k) {
      max_pool<n>(frame + corner, frames, to + k, at + k);
    });
  });
}

void MaxPoolGrad::cpu() const {
  const Frames frames(dx.shape(), dy.shape(), options);
  std::array<Index, 256> offset_of{};
  for (Index tap = 0; tap < options.size[0] * options.size[1]; ++tap) {
    offset_of[tap] = tap / options.size[1] * frames.width + tap % options.size[1];
  }
  frames.add(dx, [&, this](float* frame, Index offset) {
    const float* from = dy.data() + offset;
    const std::uint8_t* tap = position.data() + offset;
    if (are_pairs(options)) {
      frames.for_windows([=, width = frames.width](auto n, Index corner, Index k) {
        max_pool_grad<n>(from + k, tap + k, frame + corner, width);
      });
      return;
    }
    for (Index i = 0; i < frames.oh; ++i) {
      float* row = frame + i * options.stride[0] * frames.width;
      for (Index j = 0; j < frames.ow; ++j) {
        row[j * options.stride[1] + offset_of[*tap++]] += *from++;
      }
    }
  });
}

void AvgPool::cpu() const {
  const Frames frames(x.shape(), y.shape(), options);
  frames.read(x, 0, [frames, this](const float* frame, Index offset) {
    float* to = y.data() + offset;
    frames.for_windows(
        [=](auto n, Index corner, Index k) { avg_pool<n>(frame + corner, frames, to + k); });
  });
}

void AvgPoolGrad::cpu() const {
  const Frames frames(dx.shape(), dy.shape(), options);
  const auto [kh, kw] = options.size;
  const float share = 1 / static_cast<float>(kh * kw);
  frames.add(dx, [&, this, kh = kh, kw = kw](float* frame, Index offset) {
    for (Index i = 0; i < frames.oh; ++i) {
      const float* from = dy.data() + offset + i * frames.ow;
      for (Index u = 0; u < kh; ++u) {
        for (Index v = 0; v < kw; ++v) {
          float* row = frame + (i * options.stride[0] + u) * frames.width + v;
          for (Index j = 0; j < frames.ow; ++j) row[j * options.stride[1]] += share * from[j];
        }
      }
    }
  });
}

}  // namespace muonlab::kernel
