#include "core/kernels/norm.h"

#include <cmath>

#include "core/cpu/parallel.h"
#include "core/cpu/sum.h"

namespace muonlab::kernel {

void LayerNorm::cpu() const {
  const Index n = x.shape().columns();
  parallel_for(x.shape().rows(), row_grain(n), [=, *this](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.data() + r * n;
      float* out = y.data() + r * n;
      const double centre = muonlab::mean(n, [=](Index i) { return double{in[i]}; });
      const double variance =
          muonlab::mean(n, [=](Index i) { return (in[i] - centre) * (in[i] - centre); });
      const auto m = static_cast<float>(centre);
      const auto inverse = static_cast<float>(1 / std::sqrt(variance + eps));
      for (Index i = 0; i < n; ++i) {
        out[i] = gain.data()[i] * ((in[i] - m) * inverse) + bias.data()[i];
      }
      mean.data()[r] = m;
      rstd.data()[r] = inverse;
    }
  });
}

void LayerNormGrad::cpu() const {
  const Index n = x.shape().columns();
  parallel_for(x.shape().rows(), row_grain(n), [=, *this](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* in = x.data() + r * n;
      const float* dout = dy.data() + r * n;
      float* din = dx.data() + r * n;
      const float m = mean.data()[r];
      const float inverse = rstd.data()[r];
      const auto xhat = [=](Index i) { return (in[i] - m) * inverse; };
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
  parallel_for(n, row_grain(rows), [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      dgain.data()[i] = static_cast<float>(sum(rows, [=, *this](Index r) {
        const float xhat = (x.data()[r * n + i] - mean.data()[r]) * rstd.data()[r];
        return double{dy.data()[r * n + i]} * xhat;
      }));
    }
  });
}

}  // namespace muonlab::kernel
