#pragma once

#include <algorithm>

#include <cuda_runtime.h>

#include "muonlab/core/error.h"
#include "muonlab/core/tensor.h"

/// How kernels are started. One thread computes one element wherever that is enough. Warps and
/// blocks make sums and maxima (core/cuda/reduce.cuh), always in the same order, so that results
/// are equal from run to run to the bit.
namespace muonlab::cuda {

/// Throws unless the call succeeded; the message has the place of the call.
inline void check_status(cudaError_t status, const char* file = __builtin_FILE(),
                         int line = __builtin_LINE()) {
  if (status == cudaSuccess) [[likely]]
    return;
  check(false, "cuda: ", cudaGetErrorString(status), " (", cudaGetErrorName(status), ") at ", file,
        ':', line);
}

/// This thread's queue, a CUDA stream.
cudaStream_t stream();

/// The elements of an array on the GPU. Throws when it is on the CPU.
template <class AnyArray>
auto* on_gpu(AnyArray& x) {
  check(x.device() == Device::cuda, "cuda: an array ", x.shape(),
        " is on the CPU, the others on the GPU; move it with to(Device::cuda)");
  return x.data();
}

/// The largest grid. A thread of for_each() takes further elements, a grid's size apart, so this
/// limits no array.
inline constexpr Index most_blocks = (Index{1} << 31) - 1;

/// Starts kernel(arguments...) in this thread's queue, as `blocks` blocks of `threads` threads.
template <class... Parameters, class... Arguments>
void launch(Index blocks, int threads, void (*kernel)(Parameters...), Arguments... arguments) {
  if (blocks == 0) return;
  check(blocks <= most_blocks, "cuda: a grid of ", blocks, " blocks is too large");
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(blocks));
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.stream = stream();
  check_status(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

template <class Body>
__global__ void call_for_each(Index count, Body body) {
  const Index step = Index{blockDim.x} * gridDim.x;
  for (Index i = Index{blockDim.x} * blockIdx.x + threadIdx.x; i < count; i += step) body(i);
}

/// Calls body(i) on the GPU for every i in [0, count), with a thread for each. `body` is copied to
/// the GPU, so it captures numbers and addresses from on_gpu(), never references.
template <class Body>
void for_each(Index count, Body body) {
  constexpr int threads = 256;
  const Index blocks = std::min((count + threads - 1) / threads, most_blocks);
  launch(blocks, threads, call_for_each<Body>, count, body);
}

}  // namespace muonlab::cuda
