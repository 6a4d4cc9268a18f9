#include "muonlab/core/cuda/gather.cuh"

#include <cstdint>
#include <limits>

#include "muonlab/core/kernels/gather.h"

namespace muonlab::kernel {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

struct Scaled {
  float scale;

  __device__ float operator()(std::uint8_t x) const { return scale * static_cast<float>(x); }
};

}  // namespace

void Gather::cuda() const { cuda::gather(x, index, y, nan, cuda::Unchanged{}); }

// One thread for each column of each part of y, where part p has the rows p, p + parts, .... A
// thread walks all indices in order and adds the entries of its own rows, so no two threads add to
// one element, and the sums equal the CPU's to the bit. For long lists of indices, sorting first
// would be faster.
void ScatterAdd::cuda() const {
  constexpr Index parts = 64;  // more parts mean more threads, but also more walks
  const Index rows = y.shape()[0];
  const Index size = rows == 0 ? 0 : y.count() / rows;
  const Index count = index.count();
  const float* from = cuda::on_gpu(x);
  const std::int32_t* at = cuda::on_gpu(index);
  float* to = cuda::on_gpu(y);
  cuda::for_each(parts * size, [=] __device__(Index thread) {
    const Index part = thread / size;
    const Index column = thread % size;
    for (Index row = part; row < rows; row += parts) to[row * size + column] = 0;
    for (Index i = 0; i < count; ++i) {
      const Index row = at[i];
      if (0 <= row && row < rows && row % parts == part) {
        to[row * size + column] += from[i * size + column];
      }
    }
  });
}

void GatherIntegers::cuda() const { cuda::gather(x, index, y, -1, cuda::Unchanged{}); }

void GatherBytes::cuda() const { cuda::gather(x, index, y, nan, Scaled{scale}); }

}  // namespace muonlab::kernel
