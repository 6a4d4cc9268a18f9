#include "muonlab/core/kernels/zip.h"

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/walk.cuh"

namespace muonlab::kernel {
namespace {

/// The walk along y's axes for an operand that broadcasts to y.
cuda::Walk walk(const Shape& operand, const Shape& y) {
  cuda::Walk walk;
  walk.rank = y.rank();
  for (int axis = 0; axis < y.rank(); ++axis) walk.size[axis] = y[axis];
  Index step = 1;
  for (int axis = 1; axis <= operand.rank(); ++axis) {  // from the last
    const Index size = operand[operand.rank() - axis];
    walk.step[y.rank() - axis] = size == 1 ? 0 : step;
    step *= size;
  }
  return walk;
}

template <class F>
void zip(F f, const Zip& k) {
  const float* a = cuda::on_gpu(k.a);
  const float* b = cuda::on_gpu(k.b);
  float* y = cuda::on_gpu(k.y);
  const Shape& shape = k.y.shape();
  if (k.a.shape() == shape && k.b.shape() == shape) {
    cuda::for_each(shape.count(), [=] __device__(Index i) { y[i] = f.value(a[i], b[i]); });
    return;
  }
  const cuda::Walk in_a = walk(k.a.shape(), shape);
  const cuda::Walk in_b = walk(k.b.shape(), shape);
  cuda::for_each(shape.count(),
                 [=] __device__(Index i) { y[i] = f.value(a[in_a.offset(i)], b[in_b.offset(i)]); });
}

}  // namespace

void Zip::cuda() const {
  visit(function, [this](auto f) { zip(f, *this); });
}

void Combine::cuda() const {
  const float* from_a = cuda::on_gpu(a);
  const float* from_b = cuda::on_gpu(b);
  float* to = cuda::on_gpu(y);
  const float by_a = alpha;
  const float by_b = beta;
  cuda::for_each(y.count(),
                 [=] __device__(Index i) { to[i] = by_a * from_a[i] + by_b * from_b[i]; });
}

}  // namespace muonlab::kernel
