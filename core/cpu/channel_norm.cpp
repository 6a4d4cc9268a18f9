#include "muonlab/core/kernels/channel_norm.h"

#include <cmath>
#include <vector>

#include "muonlab/core/centre.h"
#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/sum.h"
#include "muonlab/core/planes.h"

namespace muonlab::kernel {
namespace {

/// Calls body(plane) for each plane, on all threads.
template <class Body>
void for_each(const Planes& planes, const Body& body) {
  parallel_for(planes.count, row_grain(planes.size), [&](Index begin, Index end) {
    for (Index plane = begin; plane < end; ++plane) body(plane);
  });
}

/// The mean of term(plane) over the planes of a set.
template <class Term>
double mean_of_set(const Planes& planes, Index set, const Term& term) {
  return mean(planes.set_size, [&](Index k) { return term(planes.plane(set, k)); });
}

/// The centre of a set, from the two rows of `mean`.
Centre centre_of(const Planes& planes, const Tensor& mean, Index set) {
  return {mean.data()[set], mean.data()[planes.sets + set]};
}

float inverse_deviation(float variance, float eps) {
  return static_cast<float>(1 / std::sqrt(double{variance} + eps));
}

}  // namespace

// The planes of a set have equal size, so its variance is the mean of their variances plus the
// variance of their means, and x is read from memory once.
void PlaneMoments::cpu() const {
  const Planes planes(x.shape(), variance.shape());
  std::vector<double> means(static_cast<std::size_t>(planes.count));
  std::vector<double> variances(static_cast<std::size_t>(planes.count));
  for_each(planes, [&, this](Index p) {
    const float* in = x.data() + p * planes.size;
    const double centre = muonlab::mean(planes.size, [=](Index i) { return double{in[i]}; });
    means[p] = centre;
    variances[p] =
        muonlab::mean(planes.size, [=](Index i) { return (in[i] - centre) * (in[i] - centre); });
  });
  float* to_mean = mean.data();
  float* to_variance = variance.data();
  for (Index set = 0; set < planes.sets; ++set) {
    const double centre = mean_of_set(planes, set, [&](Index p) { return means[p]; });
    const Centre rounded = Centre::of(centre);
    to_mean[set] = rounded.mean;
    to_mean[planes.sets + set] = rounded.rest;
    to_variance[set] = static_cast<float>(mean_of_set(planes, set, [&](Index p) {
      return variances[p] + (means[p] - centre) * (means[p] - centre);
    }));
  }
}

void ChannelNorm::cpu() const {
  const Planes planes(x.shape(), variance.shape());
  float* to = y.data();
  for_each(planes, [&, to, this](Index p) {
    const Index set = planes.set(p);
    const Index channel = planes.channel(p);
    const float* in = x.data() + p * planes.size;
    float* out = to + p * planes.size;
    const Centre centre = centre_of(planes, mean, set);
    const float scale = gain.data()[channel] * inverse_deviation(variance.data()[set], eps);
    const float shift = bias.data()[channel];
    for (Index i = 0; i < planes.size; ++i) out[i] = scale * centre.distance(in[i]) + shift;
  });
}

void ChannelNormSums::cpu() const {
  const Planes planes(x.shape(), variance.shape());
  float* to_sum = sum.data();
  float* to_sum_xhat = sum_xhat.data();
  for_each(planes, [&, to_sum, to_sum_xhat, this](Index p) {
    const Index set = planes.set(p);
    const float* in = x.data() + p * planes.size;
    const float* dout = dy.data() + p * planes.size;
    const Centre centre = centre_of(planes, mean, set);
    const double total = muonlab::sum(planes.size, [=](Index i) { return double{dout[i]}; });
    const double product = muonlab::sum(
        planes.size, [=](Index i) { return double{dout[i]} * centre.distance(in[i]); });
    to_sum[p] = static_cast<float>(total);
    to_sum_xhat[p] = static_cast<float>(product * inverse_deviation(variance.data()[set], eps));
  });
}

void ChannelNormGrad::cpu() const {
  const Planes planes(x.shape(), variance.shape());
  const auto mean_over = [&, this](Index set, const Tensor& sums) {
    const double total = mean_of_set(planes, set, [&, this](Index p) {
      return double{gain.data()[planes.channel(p)]} * sums.data()[p];
    });
    return static_cast<float>(total / static_cast<double>(planes.size));
  };
  std::vector<float> mean_g(static_cast<std::size_t>(planes.sets));
  std::vector<float> mean_g_xhat(static_cast<std::size_t>(planes.sets));
  for (Index set = 0; set < planes.sets; ++set) {
    mean_g[set] = mean_over(set, sum);
    mean_g_xhat[set] = mean_over(set, sum_xhat);
  }
  float* to = dx.data();
  for_each(planes, [&, to, this](Index p) {
    const Index set = planes.set(p);
    const float* in = x.data() + p * planes.size;
    const float* dout = dy.data() + p * planes.size;
    float* din = to + p * planes.size;
    const Centre centre = centre_of(planes, mean, set);
    const float inverse = inverse_deviation(variance.data()[set], eps);
    const float w = gain.data()[planes.channel(p)];
    const float shift = mean_g[set];
    const float slope = mean_g_xhat[set];
    for (Index i = 0; i < planes.size; ++i) {
      din[i] = inverse * (dout[i] * w - shift - centre.distance(in[i]) * inverse * slope);
    }
  });
}

}  // namespace muonlab::kernel
