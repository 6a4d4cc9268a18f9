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

/// NaNs do not count, unless all values are NaN.
struct Larger {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return b > a || a != a ? b : a;
  }
};

/// Combines the values of a warp's threads and returns the result to all of them. combine(a, b)
/// must equal combine(b, a). All threads of the warp must call this.
template <class T, class Combine>
__device__ T warp_reduce(T value, Combine combine) {
  for (int step = warpSize / 2; step > 0; step /= 2) {
    value = combine(value, __shfl_xor_sync(~0U, value, step));
  }
  return value;
}

/// The same for a block; combining with `identity` changes nothing. All threads of the block must
/// call this.
template <class T, class Combine>
__device__ T block_reduce(T value, T identity, Combine combine) {
  __shared__ T of_warp[32];
  const int lane = static_cast<int>(threadIdx.x) % warpSize;
  const int warp = static_cast<int>(threadIdx.x) / warpSize;
  value = warp_reduce(value, combine);
  __syncthreads();  // an earlier call's values may still be read
  if (lane == 0) of_warp[warp] = value;
  __syncthreads();
  return warp_reduce(lane < static_cast<int>(blockDim.x) / warpSize ? of_warp[lane] : identity,
                     combine);
}

}  // namespace muonlab::cuda
