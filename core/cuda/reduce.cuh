#pragma once

#include <cuda_runtime.h>

/// Sums and maxima by the threads of a warp or a block. The order of the additions depends on the
/// number of threads alone, so results are equal from run to run to the bit.
namespace muonlab::cuda {

/// Threads of a block that reduces: whole warps, at most 32 of them.
inline constexpr int reduce_threads = 256;

struct Plus {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

/// A NaN does not count, unless all are.
struct Larger {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return b > a || a != a ? b : a;
  }
};

/// combine() over the `value`s of all threads of the warp, for all of them. It must not matter
/// which of two values comes first. All threads of the warp must come here.
template <class T, class Combine>
__device__ T warp_reduce(T value, Combine combine) {
  for (int step = warpSize / 2; step > 0; step /= 2) {
    value = combine(value, __shfl_xor_sync(~0U, value, step));
  }
  return value;
}

/// Likewise over the block. `identity` changes nothing. All threads of the block must come here.
template <class T, class Combine>
__device__ T block_reduce(T value, T identity, Combine combine) {
  __shared__ T of_warp[32];
  const int lane = static_cast<int>(threadIdx.x) % warpSize;
  const int warp = static_cast<int>(threadIdx.x) / warpSize;
  value = warp_reduce(value, combine);
  __syncthreads();  // what an earlier call left there may still be read
  if (lane == 0) of_warp[warp] = value;
  __syncthreads();
  return warp_reduce(lane < static_cast<int>(blockDim.x) / warpSize ? of_warp[lane] : identity,
                     combine);
}

}  // namespace muonlab::cuda
