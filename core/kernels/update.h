#pragma once

#include "core/tensor.h"

namespace muonlab::kernel {

/// g = grad + l2 value; buffer = momentum buffer + (1 - dampening) g, or g on the first update;
/// value -= lr (nesterov ? g + momentum buffer : buffer). Without a buffer, value -= lr g.
struct SgdUpdate {
  Tensor& value;
  const Tensor& grad;  // as value
  Tensor* buffer;      // as value; null when momentum is 0
  float lr;
  float momentum;
  float dampening;
  float l2;
  bool nesterov;
  bool first;

  void cpu() const;
  void cuda() const;
};

/// value *= decay; g = grad + l2 value; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// value -= step m / (sqrt(v) / root + eps).
struct AdamUpdate {
  Tensor& value;
  const Tensor& grad;  // as value
  Tensor& m;           // as value
  Tensor& v;           // as value
  float beta1;
  float beta2;
  float eps;
  float decay;  // 1 - lr weight_decay when decoupled, else 1
  float l2;
  float step;  // lr / (1 - beta1^t)
  float root;  // sqrt(1 - beta2^t)

  void cpu() const;
  void cuda() const;
};

/// buffer = momentum buffer + fresh grad; direction = nesterov ? momentum buffer + fresh grad
/// : buffer. fresh is 1 - momentum for the average, 1 for the sum.
struct MomentumUpdate {
  const Tensor& grad;
  Tensor& buffer;     // as grad
  Tensor& direction;  // as grad
  float momentum;
  float fresh;
  bool nesterov;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
