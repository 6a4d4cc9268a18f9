#include "muonlab/core/kernels/norm.h"

#include <cmath>

#include "muonlab/core/centre.h"
#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/sum.h"

namespace muonlab::kernel {

void LayerNorm::cpu() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  float* to = y.data();
  float* to_mean = mean.data();
  float* to_rstd = rstd.data();
  parallel_for(rows, row_grain(n), [=, *this](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.data() + r * n;
      float* out = to + r * n;
      const double exact = muonlab::mean(n, [=](Index i) { return double{in[i]}; });
      const double variance =
          muonlab::mean(n, [=](Index i) { return (in[i] - exact) * (in[i] - exact); });
      const Centre centre = Centre::of(exact);
      const auto inverse = static_cast<float>(1 / std::sqrt(variance + eps));
      for (Index i = 0; i < n; ++i) {
        out[i] = gain.data()[i] * (centre.distance(in[i]) * inverse) + bias.data()[i];
      }
      to_mean[r] = centre.mean;
      to_mean[rows + r] = centre.rest;
      to_rstd[r] = inverse;
    }
  });
}

void LayerNormGrad::cpu() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  float* to = dx.data();
  parallel_for(rows, row_grain(n), [=, *this](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.data() + r * n;
      const float* dout = dy.data() + r * n;
      float* din = to + r * n;
      const Centre centre{mean.data()[r], mean.data()[rows + r]};
      const float inverse = rstd.data()[r];
      const auto xhat = [=](Index i) { return centre.distance(in[i]) * inverse; };
      const auto g = [=, w = gain.data()](Index i) { return dout[i] * w[i]; };
      const auto mean_g =
          static_cast<float>(muonlab::mean(n, [=](Index i) { return double{g(i)}; }));
      const auto mean_g_xhat =
          static_cast<float>(muonlab::mean(n, [=](Index i) { return double{g(i)} * xhat(i); }));
      for (Index i = 0; i < n; ++i) din[i] = inverse * (g(i) - mean_g - xhat(i) * mean_g_xhat);
    }
  });
}

void LayerNormGainGrad::cpu() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  float* to = dgain.data();
  parallel_for(n, row_grain(rows), [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      to[i] = static_cast<float>(sum(rows, [=, *this](Index r) {
        const Centre centre{mean.data()[r], mean.data()[rows + r]};
        const float xhat = centre.distance(x.data()[r * n + i]) * rstd.data()[r];
        return double{dy.data()[r * n + i]} * xhat;
      }));
    }
  });
}

}  // namespace muonlab::kernel
