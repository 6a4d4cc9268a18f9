#include "muonlab/core/kernels/softmax.h"

#include <cmath>

#include "muonlab/core/cuda/rows.cuh"

// Safe in place: a thread overwrites only elements that no other thread reads later.
namespace muonlab::kernel {

void Softmax::cuda() const {
  const Index n = x.shape().columns();
  const float* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  cuda::for_rows(x.shape().rows(), n, [=] __device__(const cuda::Team& team, Index row) {
    const float* in = from + row * n;
    float* out = to + row * n;
    const float top = team.largest(n, in);
    const auto total =
        static_cast<float>(team.sum(n, [=](Index i) { return std::exp(in[i] - top); }));
    for (Index i = team.rank; i < n; i += team.size) out[i] = std::exp(in[i] - top) / total;
  });
}

void SoftmaxGrad::cuda() const {
  const Index n = y.shape().columns();
  const float* from = cuda::on_gpu(y);
  const float* from_dy = cuda::on_gpu(dy);
  float* to = cuda::on_gpu(dx);
  cuda::for_rows(y.shape().rows(), n, [=] __device__(const cuda::Team& team, Index row) {
    const float* out = from + row * n;
    const float* dout = from_dy + row * n;
    float* din = to + row * n;
    const auto total =
        static_cast<float>(team.sum(n, [=](Index i) { return double{out[i]} * dout[i]; }));
    for (Index i = team.rank; i < n; i += team.size) din[i] = out[i] * (dout[i] - total);
  });
}

void LogSoftmax::cuda() const {
  const Index n = x.shape().columns();
  const float* from = cuda::on_gpu(x);
  float* to = cuda::on_gpu(y);
  cuda::for_rows(x.shape().rows(), n, [=] __device__(const cuda::Team& team, Index row) {
    const float* in = from + row * n;
    float* out = to + row * n;
    const float top = team.largest(n, in);
    const double total = team.sum(n, [=](Index i) { return std::exp(in[i] - top); });
    const auto log_total = static_cast<float>(std::log(total));
    for (Index i = team.rank; i < n; i += team.size) out[i] = in[i] - top - log_total;
  });
}

void LogSoftmaxGrad::cuda() const {
  const Index n = y.shape().columns();
  const float* from = cuda::on_gpu(y);
  const float* from_dy = cuda::on_gpu(dy);
  float* to = cuda::on_gpu(dx);
  cuda::for_rows(y.shape().rows(), n, [=] __device__(const cuda::Team& team, Index row) {
    const float* out = from + row * n;
    const float* dout = from_dy + row * n;
    float* din = to + row * n;
    const auto total = static_cast<float>(team.sum(n, [=](Index i) { return dout[i]; }));
    for (Index i = team.rank; i < n; i += team.size) din[i] = dout[i] - std::exp(out[i]) * total;
  });
}

}  // namespace muonlab::kernel
