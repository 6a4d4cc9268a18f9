#pragma once

#include <cmath>
#include <span>

#include "muonlab/core/elementwise.h"
#include "muonlab/core/tensor.h"

/// Update rules for weights and momenta. at() is the formula for one element, the same on both
/// devices. An update takes several parameters, so that small ones share the cost of a launch. A
/// Part is one parameter: each of its pointers has `count` numbers on the device.
namespace muonlab::kernel {

/// g = grad + l2 value; buffer = momentum buffer + (1 - dampening) g, or g on the first update;
/// value -= lr (nesterov ? g + momentum buffer : buffer). Without buffers, value -= lr g.
struct SgdUpdate {
  struct Part {
    Index count;
    float* value;
    const float* grad;
    float* buffer;  // null when momentum is 0
    bool first;
  };
  std::span<const Part> parts;
  float lr;
  float momentum;
  float dampening;
  float l2;
  bool nesterov;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const float g = p.grad[i] + l2 * p.value[i];
    if (p.buffer == nullptr) {
      p.value[i] -= lr * g;
      return;
    }
    const float b = p.buffer[i] =
        (p.first ? 0 : momentum) * p.buffer[i] + (p.first ? 1 : 1 - dampening) * g;
    p.value[i] -= lr * (nesterov ? g + momentum * b : b);
  }
  void cpu() const;
  void cuda() const;
};

/// value *= decay; g = grad + l2 value; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// value -= step m / (sqrt(v) inverse_root + eps). Cautious: only values that the step takes
/// towards zero, or leaves, decay.
struct AdamUpdate {
  struct Part {
    Index count;
    float* value;
    const float* grad;
    float* m;
    float* v;
    float step;          // lr / (1 - beta1^t)
    float inverse_root;  // 1 / sqrt(1 - beta2^t)
  };
  std::span<const Part> parts;
  float beta1;
  float beta2;
  float eps;
  float decay;  // 1 - lr weight_decay when decoupled, else 1
  float l2;
  bool cautious = false;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const float g = p.grad[i] + l2 * p.value[i];
    const float m = p.m[i] = beta1 * p.m[i] + (1 - beta1) * g;
    const float v = p.v[i] = beta2 * p.v[i] + (1 - beta2) * g * g;
    const bool decays = !cautious || m * p.value[i] >= 0;
    p.value[i] =
        (decays ? decay : 1) * p.value[i] - p.step * m / (std::sqrt(v) * p.inverse_root + eps);
  }
  void cpu() const;
  void cuda() const;
};

/// u = sign(beta1 m + (1 - beta1) grad); value = decay value - step u; m = beta2 m + (1 - beta2)
/// grad. Cautious: elements of u whose sign is not the gradient's are 0.
struct LionUpdate {
  struct Part {
    Index count;
    float* value;
    const float* grad;
    float* m;
    float step;
  };
  std::span<const Part> parts;
  float beta1;
  float beta2;
  float decay;
  bool cautious;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const float g = p.grad[i];
    const float u = Sign::value(beta1 * p.m[i] + (1 - beta1) * g);
    const bool moves = !cautious || u * g > 0;
    p.value[i] = decay * p.value[i] - (moves ? p.step * u : 0);
    p.m[i] = beta2 * p.m[i] + (1 - beta2) * g;
  }
  void cpu() const;
  void cuda() const;
};

/// As AdamUpdate, decoupled, of m / (1 - beta1^t) + alpha slow with slow = beta3 slow +
/// (1 - beta3) grad.
struct AdemamixUpdate {
  struct Part {
    Index count;
    float* value;
    const float* grad;
    float* m;
    float* slow;
    float* v;
    float unbias;        // 1 / (1 - beta1^t)
    float inverse_root;  // 1 / sqrt(1 - beta2^t)
    float beta3;
    float alpha;
  };
  std::span<const Part> parts;
  float lr;
  float beta1;
  float beta2;
  float eps;
  float decay;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const float g = p.grad[i];
    const float m = p.m[i] = beta1 * p.m[i] + (1 - beta1) * g;
    const float slow = p.slow[i] = p.beta3 * p.slow[i] + (1 - p.beta3) * g;
    const float v = p.v[i] = beta2 * p.v[i] + (1 - beta2) * g * g;
    p.value[i] = decay * p.value[i] -
                 lr * (p.unbias * m + p.alpha * slow) / (std::sqrt(v) * p.inverse_root + eps);
  }
  void cpu() const;
  void cuda() const;
};

/// v = beta2 v + (1 - beta2) grad^2; u = grad / (sqrt(v) inverse_root + eps) + weight_decay y;
/// y = (1 - c) y + c z + lr (beta1 (1 - c) - 1) u; z = z - lr u.
struct ScheduleFreeUpdate {
  struct Part {
    Index count;
    float* y;
    const float* grad;
    float* z;
    float* v;
    float lr;
    float inverse_root;  // 1 / sqrt(1 - beta2^t)
    float c;
  };
  std::span<const Part> parts;
  float beta1;
  float beta2;
  float eps;
  float weight_decay;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const float g = p.grad[i];
    const float v = p.v[i] = beta2 * p.v[i] + (1 - beta2) * g * g;
    const float u = g / (std::sqrt(v) * p.inverse_root + eps) + weight_decay * p.y[i];
    p.y[i] = (1 - p.c) * p.y[i] + p.c * p.z[i] + p.lr * (beta1 * (1 - p.c) - 1) * u;
    p.z[i] -= p.lr * u;
  }
  void cpu() const;
  void cuda() const;
};

/// buffer = momentum buffer + fresh grad; direction = nesterov ? momentum buffer + fresh grad
/// : buffer. fresh is 1 - momentum for the average, 1 for the sum.
struct MomentumUpdate {
  struct Part {
    Index count;
    const float* grad;
    float* buffer;
    float* direction;
  };
  std::span<const Part> parts;
  float momentum;
  float fresh;
  bool nesterov;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const float g = fresh * p.grad[i];
    const float b = p.buffer[i] = momentum * p.buffer[i] + g;
    p.direction[i] = nesterov ? momentum * b + g : b;
  }
  void cpu() const;
  void cuda() const;
};

/// value = decay value - step direction. Cautious: only values that direction has the sign of, or
/// that it leaves, decay.
struct DirectionUpdate {
  struct Part {
    Index count;
    float* value;
    const float* direction;
    float step;
  };
  std::span<const Part> parts;
  float decay;
  bool cautious = false;

  MUONLAB_HOST_DEVICE void at(const Part& p, Index i) const {
    const bool decays = !cautious || p.direction[i] * p.value[i] >= 0;
    p.value[i] = (decays ? decay : 1) * p.value[i] - p.step * p.direction[i];
  }
  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
