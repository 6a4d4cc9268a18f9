#pragma once

#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::cuda {

/// y(i, ...) = f(x(index(i), ...)), and `outside` where index(i) is not within [0, n).
template <class From, class To, class F>
void gather(const Array<From>& x, const Integers& index, Array<To>& y, To outside, F f) {
  if (y.count() == 0) return;
  const Index rows = x.shape()[0];
  const Index size = y.count() / index.count();  // of an entry
  const From* from = on_gpu(x);
  const std::int32_t* at = on_gpu(index);
  To* to = on_gpu(y);
  for_each(y.count(), [=] __device__(Index i) {
    const Index row = at[i / size];
    to[i] = 0 <= row && row < rows ? f(from[row * size + i % size]) : outside;
  });
}

struct Unchanged {
  template <class T>
  __device__ T operator()(T x) const {
    return x;
  }
};

}  // namespace muonlab::cuda
