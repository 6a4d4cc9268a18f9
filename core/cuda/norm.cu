#include "muonlab/core/kernels/norm.h"

#include <cmath>

#include "muonlab/core/centre.h"
#include "muonlab/core/cuda/sums.cuh"

namespace muonlab::kernel {

void LayerNorm::cuda() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  const float* from = cuda::on_gpu(x);
  const float* weight = cuda::on_gpu(gain);
  const float* shift = cuda::on_gpu(bias);
  float* to = cuda::on_gpu(y);
  float* to_mean = cuda::on_gpu(mean);
  float* to_rstd = cuda::on_gpu(rstd);
  const double added = eps;
  cuda::for_rows(rows, n, [=] __device__(const cuda::Team& team, Index row) {
    const float* in = from + row * n;
    float* out = to + row * n;
    const double exact = team.mean(n, [=](Index i) { return in[i]; });
    const double variance =
        team.mean(n, [=](Index i) { return (in[i] - exact) * (in[i] - exact); });
    const Centre centre = Centre::of(exact);
    const auto inverse = static_cast<float>(1 / std::sqrt(variance + added));
    for (Index i = team.rank; i < n; i += team.size) {
      out[i] = weight[i] * (centre.distance(in[i]) * inverse) + shift[i];
    }
    if (team.rank != 0) return;
    to_mean[row] = centre.mean;
    to_mean[rows + row] = centre.rest;
    to_rstd[row] = inverse;
  });
}

void LayerNormGrad::cuda() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  const float* from = cuda::on_gpu(x);
  const float* from_dy = cuda::on_gpu(dy);
  const float* weight = cuda::on_gpu(gain);
  const float* means = cuda::on_gpu(mean);
  const float* rstds = cuda::on_gpu(rstd);
  float* to = cuda::on_gpu(dx);
  cuda::for_rows(rows, n, [=] __device__(const cuda::Team& team, Index row) {
    const float* in = from + row * n;
    const float* dout = from_dy + row * n;
    float* din = to + row * n;
    const Centre centre{means[row], means[rows + row]};
    const float inverse = rstds[row];
    const auto xhat = [=](Index i) { return centre.distance(in[i]) * inverse; };
    const auto g = [=](Index i) { return dout[i] * weight[i]; };
    const auto mean_g = static_cast<float>(team.mean(n, g));
    const auto mean_g_xhat =
        static_cast<float>(team.mean(n, [=](Index i) { return double{g(i)} * xhat(i); }));
    for (Index i = team.rank; i < n; i += team.size) {
      din[i] = inverse * (g(i) - mean_g - xhat(i) * mean_g_xhat);
    }
  });
}

void LayerNormGainGrad::cuda() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  const float* from = cuda::on_gpu(x);
  const float* from_dy = cuda::on_gpu(dy);
  const float* means = cuda::on_gpu(mean);
  const float* rstds = cuda::on_gpu(rstd);
  const auto dy_xhat = [=] __device__(Index, Index row, Index i) {
    const Centre centre{means[row], means[rows + row]};
    const float xhat = centre.distance(from[row * n + i]) * rstds[row];
    return double{from_dy[row * n + i]} * xhat;
  };
  cuda::sum_columns(1, rows, n, dy_xhat, cuda::on_gpu(dgain));
}

}  // namespace muonlab::kernel
