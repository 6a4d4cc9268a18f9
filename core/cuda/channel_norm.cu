#include "muonlab/core/kernels/channel_norm.h"

#include <cmath>

#include "muonlab/core/centre.h"
#include "muonlab/core/cuda/rows.cuh"
#include "muonlab/core/planes.h"

namespace muonlab::kernel {
namespace {

/// The mean of term(plane) over the planes of a set.
template <class Term>
__device__ double mean_of_set(const Planes& planes, const cuda::Team& team, Index set,
                              const Term& term) {
  return team.mean(planes.set_size, [&](Index k) { return term(planes.plane(set, k)); });
}

__device__ float inverse_deviation(float variance, float eps) {
  return static_cast<float>(1 / std::sqrt(double{variance} + eps));
}

}  // namespace

// The planes of a set have equal size, so its variance is the mean of their variances plus the
// variance of their means. A plane is read twice, the second time from the cache.
void PlaneMoments::cuda() const {
  const Planes planes(x.shape(), variance.shape());
  const float* from = cuda::on_gpu(x);
  Array<double> plane_means({planes.count}, Device::cuda);
  Array<double> plane_variances({planes.count}, Device::cuda);
  double* means = cuda::on_gpu(plane_means);
  double* variances = cuda::on_gpu(plane_variances);
  cuda::for_rows(planes.count, planes.size, [=] __device__(const cuda::Team& team, Index p) {
    const float* in = from + p * planes.size;
    const double centre = team.mean(planes.size, [=](Index i) { return in[i]; });
    const double spread =
        team.mean(planes.size, [=](Index i) { return (in[i] - centre) * (in[i] - centre); });
    if (team.rank != 0) return;
    means[p] = centre;
    variances[p] = spread;
  });
  float* to_mean = cuda::on_gpu(mean);
  float* to_variance = cuda::on_gpu(variance);
  cuda::for_rows(planes.sets, planes.set_size, [=] __device__(const cuda::Team& team, Index set) {
    const double centre = mean_of_set(planes, team, set, [=](Index p) { return means[p]; });
    const double spread = mean_of_set(planes, team, set, [=](Index p) {
      return variances[p] + (means[p] - centre) * (means[p] - centre);
    });
    if (team.rank != 0) return;
    const Centre rounded = Centre::of(centre);
    to_mean[set] = rounded.mean;
    to_mean[planes.sets + set] = rounded.rest;
    to_variance[set] = static_cast<float>(spread);
  });
}

void ChannelNorm::cuda() const {
  const Planes planes(x.shape(), variance.shape());
  const float* from = cuda::on_gpu(x);
  const float* gains = cuda::on_gpu(gain);
  const float* biases = cuda::on_gpu(bias);
  const float* means = cuda::on_gpu(mean);
  const float* variances = cuda::on_gpu(variance);
  float* to = cuda::on_gpu(y);
  const float added = eps;
  cuda::for_rows(planes.count, planes.size, [=] __device__(const cuda::Team& team, Index p) {
    const Index set = planes.set(p);
    const Index channel = planes.channel(p);
    const float* in = from + p * planes.size;
    float* out = to + p * planes.size;
    const Centre centre{means[set], means[planes.sets + set]};
    const float scale = gains[channel] * inverse_deviation(variances[set], added);
    const float shift = biases[channel];
    for (Index i = team.rank; i < planes.size; i += team.size) {
      out[i] = scale * centre.distance(in[i]) + shift;
    }
  });
}

void ChannelNormSums::cuda() const {
  const Planes planes(x.shape(), variance.shape());
  const float* from = cuda::on_gpu(x);
  const float* from_dy = cuda::on_gpu(dy);
  const float* means = cuda::on_gpu(mean);
  const float* variances = cuda::on_gpu(variance);
  float* to_sum = cuda::on_gpu(sum);
  float* to_sum_xhat = cuda::on_gpu(sum_xhat);
  const float added = eps;
  cuda::for_rows(planes.count, planes.size, [=] __device__(const cuda::Team& team, Index p) {
    const Index set = planes.set(p);
    const float* in = from + p * planes.size;
    const float* dout = from_dy + p * planes.size;
    const Centre centre{means[set], means[planes.sets + set]};
    const double total = team.sum(planes.size, [=](Index i) { return dout[i]; });
    const double product =
        team.sum(planes.size, [=](Index i) { return double{dout[i]} * centre.distance(in[i]); });
    if (team.rank != 0) return;
    to_sum[p] = static_cast<float>(total);
    to_sum_xhat[p] = static_cast<float>(product * inverse_deviation(variances[set], added));
  });
}

void ChannelNormGrad::cuda() const {
  const Planes planes(x.shape(), variance.shape());
  const float* gains = cuda::on_gpu(gain);
  const float* sums = cuda::on_gpu(sum);
  const float* sums_xhat = cuda::on_gpu(sum_xhat);
  Tensor set_means({planes.sets, 2}, Device::cuda);  // of g and of g xhat
  float* of_set = cuda::on_gpu(set_means);
  cuda::for_rows(planes.sets, planes.set_size, [=] __device__(const cuda::Team& team, Index set) {
    const auto mean_over = [&](const float* of_plane) {
      const double total = mean_of_set(planes, team, set, [=](Index p) {
        return double{gains[planes.channel(p)]} * of_plane[p];
      });
      return static_cast<float>(total / static_cast<double>(planes.size));
    };
    const float mean_g = mean_over(sums);
    const float mean_g_xhat = mean_over(sums_xhat);
    if (team.rank != 0) return;
    of_set[2 * set] = mean_g;
    of_set[2 * set + 1] = mean_g_xhat;
  });

  const float* from = cuda::on_gpu(x);
  const float* from_dy = cuda::on_gpu(dy);
  const float* means = cuda::on_gpu(mean);
  const float* variances = cuda::on_gpu(variance);
  float* to = cuda::on_gpu(dx);
  const float added = eps;
  cuda::for_rows(planes.count, planes.size, [=] __device__(const cuda::Team& team, Index p) {
    const Index set = planes.set(p);
    const float* in = from + p * planes.size;
    const float* dout = from_dy + p * planes.size;
    float* din = to + p * planes.size;
    const Centre centre{means[set], means[planes.sets + set]};
    const float inverse = inverse_deviation(variances[set], added);
    const float w = gains[planes.channel(p)];
    const float shift = of_set[2 * set];
    const float slope = of_set[2 * set + 1];
    for (Index i = team.rank; i < planes.size; i += team.size) {
      din[i] = inverse * (dout[i] * w - shift - centre.distance(in[i]) * inverse * slope);
    }
  });
}

}  // namespace muonlab::kernel
