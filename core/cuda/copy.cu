#include "muonlab/core/kernels/copy.h"

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/walk.cuh"

namespace muonlab::kernel {

void CopyAxis::cuda() const {
  const Index run = count * inner;  // contiguous elements
  const Index x_step = x_size * inner;
  const Index y_step = y_size * inner;
  const float* source = cuda::on_gpu(x) + from * inner;
  float* target = cuda::on_gpu(y) + to * inner;
  cuda::for_each(outer * run, [=] __device__(Index i) {
    const Index o = i / run;
    target[o * y_step + i % run] = source[o * x_step + i % run];
  });
}

void Permute::cuda() const {
  const Shape& from = x.shape();
  Index x_steps[Shape::max_rank] = {};
  Index step = 1;
  for (int axis = from.rank() - 1; axis >= 0; --axis) {
    x_steps[axis] = step;
    step *= from[axis];
  }
  cuda::Walk walk;
  walk.rank = from.rank();
  for (int axis = 0; axis < from.rank(); ++axis) {
    walk.size[axis] = y.shape()[axis];
    walk.step[axis] = x_steps[axes[axis]];
  }
  const float* source = cuda::on_gpu(x);
  float* target = cuda::on_gpu(y);
  cuda::for_each(y.count(), [=] __device__(Index i) { target[i] = source[walk.offset(i)]; });
}

}  // namespace muonlab::kernel
