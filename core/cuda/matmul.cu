#include "core/kernels/matmul.h"

#include "core/cuda/launch.cuh"
#include "core/cuda/product.cuh"
#include "core/cuda/runtime.h"

namespace muonlab::kernel {
namespace {

Index matrix_size(const Tensor& x) { return x.shape()[-2] * x.shape()[-1]; }

cuda::Matrices matrices(const Tensor& x, Op op) {
  return {.data = cuda::on_gpu(x),
          .stride = x.shape()[-1],
          .step = x.shape().rank() == 2 ? 0 : matrix_size(x),
          .transposed = op == Op::transpose};
}

/// c = d, where d is as c or a row for each of c's.
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

}  // namespace

void MatMul::cuda() const {
  if (c.count() == 0) return;
  if (d != nullptr) copy_rows(*d, c);
  const bool rows_only = b.shape().rank() == 2 && op_a == Op::none;  // all of a as one matrix
  const Index m = c.shape()[-2];
  const Index batch = c.count() / matrix_size(c);
  cuda::Product{.m = rows_only ? m * batch : m,
                .n = c.shape()[-1],
                .k = op_a == Op::none ? a.shape()[-1] : a.shape()[-2],
                .a = matrices(a, op_a),
                .b = matrices(b, op_b),
                .c = cuda::on_gpu(c),
                .c_step = matrix_size(c),
                .batch = rows_only ? 1 : batch,
                .alpha = alpha,
                .beta = d == nullptr ? 0 : beta,
                .precision = precision}
      .run();
}

}  // namespace muonlab::kernel
