#include "core/kernels/update.h"

#include <cmath>

#include "core/cpu/parallel.h"

namespace muonlab::kernel {

void SgdUpdate::cpu() const {
  float* w = value.data();
  const float* g = grad.data();
  float* b = buffer == nullptr ? nullptr : buffer->data();
  const float kept = first ? 0 : momentum;
  const float fresh = first ? 1 : 1 - dampening;
  parallel_for(value.count(), elementwise_grain, [=, *this](Index begin, Index end) {
    if (b == nullptr) {
      for (Index i = begin; i < end; ++i) w[i] -= lr * (g[i] + l2 * w[i]);
      return;
    }
    for (Index i = begin; i < end; ++i) {
      const float gi = g[i] + l2 * w[i];
      b[i] = kept * b[i] + fresh * gi;
      w[i] -= lr * (nesterov ? gi + momentum * b[i] : b[i]);
    }
  });
}

void AdamUpdate::cpu() const {
  float* pw = value.data();
  const float* pg = grad.data();
  float* pm = m.data();
  float* pv = v.data();
  const float inverse_root = 1 / root;
  parallel_for(value.count(), elementwise_grain, [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const float g = pg[i] + l2 * pw[i];
      pm[i] = beta1 * pm[i] + (1 - beta1) * g;
      pv[i] = beta2 * pv[i] + (1 - beta2) * g * g;
      pw[i] = decay * pw[i] - step * pm[i] / (std::sqrt(pv[i]) * inverse_root + eps);
    }
  });
}

void MomentumUpdate::cpu() const {
  const float* g = grad.data();
  float* b = buffer.data();
  float* u = direction.data();
  parallel_for(grad.count(), elementwise_grain, [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      b[i] = momentum * b[i] + fresh * g[i];
      u[i] = nesterov ? momentum * b[i] + fresh * g[i] : b[i];
    }
  });
}

}  // namespace muonlab::kernel
