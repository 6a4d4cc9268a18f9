#include "muonlab/core/kernels/fill.h"

#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::kernel {

void Fill::cuda() const {
  float* to = cuda::on_gpu(y);
  const float v = value;
  cuda::for_each(y.count(), [=] __device__(Index i) { to[i] = v; });
}

}  // namespace muonlab::kernel
