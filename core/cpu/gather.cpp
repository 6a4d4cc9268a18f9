#include "muonlab/core/kernels/gather.h"

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

/// Elements of one entry of the first axis.
Index entry_size(const Shape& shape) { return shape[0] == 0 ? 0 : shape.count() / shape[0]; }

/// Starts loading bytes of a data set that is far larger than the caches.
void prefetch(const std::uint8_t* bytes, Index count) {
  constexpr Index cache_line = 64;
  for (Index i = 0; i < count; i += cache_line) __builtin_prefetch(bytes + i);
}

/// y(i, ...) = x(index(i), ...).
template <class T>
void gather(const Array<T>& x, const Integers& index, Array<T>& y) {
  const Index size = entry_size(x.shape());
  const T* from = x.data();
  const std::int32_t* at = index.data();
  T* to = y.data();
  parallel_for(index.count(), row_grain(size), [=](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) std::copy_n(from + at[i] * size, size, to + i * size);
  });
}

}  // namespace

void Gather::cpu() const { gather(x, index, y); }

void ScatterAdd::cpu() const {
  // Threads share the columns, not the rows: equal indices then meet on one thread, in order.
  const Index size = entry_size(y.shape());
  const Index grain = std::max<Index>(16, row_grain(index.count() + y.shape()[0]) / 16 * 16);
  float* rows = y.data();
  parallel_for(size, grain, [=, *this](Index begin, Index end) {
    for (Index row = 0; row < y.shape()[0]; ++row) {
      std::fill(rows + row * size + begin, rows + row * size + end, 0.0F);
    }
    for (Index i = 0; i < index.count(); ++i) {
      float* to = rows + index.data()[i] * size;
      const float* from = x.data() + i * size;
      for (Index k = begin; k < end; ++k) to[k] += from[k];
    }
  });
}

void GatherIntegers::cpu() const { gather(x, index, y); }

void GatherBytes::cpu() const {
  const Index size = entry_size(x.shape());
  float* entries = y.data();
  parallel_for(index.count(), row_grain(size), [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) prefetch(x.data() + index.data()[i] * size, size);
    for (Index i = begin; i < end; ++i) {
      const std::uint8_t* from = x.data() + index.data()[i] * size;
      float* to = entries + i * size;
      for (Index k = 0; k < size; ++k) to[k] = scale * static_cast<float>(from[k]);
    }
  });
}

}  // namespace muonlab::kernel
