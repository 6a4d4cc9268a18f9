#include "muonlab/core/kernels/matmul.h"

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/product.cuh"
#include "muonlab/core/cuda/runtime.h"

namespace muonlab::kernel {
namespace {

Index matrix_size(const Tensor& x) { return x.shape()[-2] * x.shape()[-1]; }

cuda::Matrices matrices(const Tensor& x, Op op) {
  return {.data = cuda::on_gpu(x),
          .stride = x.shape()[-1],
          .step = x.shape().rank() == 2 ? 0 : matrix_size(x),
          .transposed = op == Op::transpose};
}

/// c = d, where d has c's shape or is one row for all rows of c.
void copy_rows(const Tensor& d, Tensor& c) {
  const float* from = cuda::on_gpu(d);
  float* to = cuda::on_gpu(c);
  if (d.count() == c.count()) {
    cuda::copy(to, from, static_cast<std::size_t>(c.count()) * sizeof(float));
  } else {
    const Index columns = d.count();
    cuda::for_each(c.count(), [=] __device__(Index i) { to[i] = from[i % columns]; });
  }
}

/// Reads `rounded`, the copy of `d` in bfloat16, where `x` is `d`.
void replace(cuda::Matrices& matrices, const Tensor& x, const Tensor& d, const void* rounded) {
  if (x.data() != d.data()) return;
  matrices.data = rounded;
  matrices.elements = Precision::bfloat16;
}

}  // namespace

void MatMul::cuda() const {
  if (c.count() == 0) return;
  cuda::Matrices of_a = matrices(a, op_a);
  cuda::Matrices of_b = matrices(b, op_b);
  std::shared_ptr<void> rounded;
  if (d != nullptr && precision == Precision::bfloat16 && d->count() == c.count() &&
      (d->data() == a.data() || d->data() == b.data())) {  // Newton-Schulz: one pass for both
    rounded = cuda::to_bfloat16(cuda::on_gpu(*d), d->count(), cuda::on_gpu(c));
    replace(of_a, a, *d, rounded.get());
    replace(of_b, b, *d, rounded.get());
  } else if (d != nullptr) {
    copy_rows(*d, c);
  }
  const bool rows_only = b.shape().rank() == 2 && op_a == Op::none;  // all of a as one matrix
  const Index m = c.shape()[-2];
  const Index batch = c.count() / matrix_size(c);
  cuda::Product{.m = rows_only ? m * batch : m,
                .n = c.shape()[-1],
                .k = op_a == Op::none ? a.shape()[-1] : a.shape()[-2],
                .a = of_a,
                .b = of_b,
                .c = cuda::on_gpu(c),
                .c_step = matrix_size(c),
                .batch = rows_only ? 1 : batch,
                .alpha = alpha,
                .beta = d == nullptr ? 0 : beta,
                .precision = precision}
      .run();
}

}  // namespace muonlab::kernel
