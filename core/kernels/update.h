#pragma once

#include <span>

#include "core/tensor.h"

/// Each update takes all parameters of a step, so that the small ones share the cost of a launch. A
/// Part is one of them: `count` numbers at each of its addresses, on the device.
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

  void cpu() const;
  void cuda() const;
};

/// value *= decay; g = grad + l2 value; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// value -= step m / (sqrt(v) / root + eps).
struct AdamUpdate {
  struct Part {
    Index count;
    float* value;
    const float* grad;
    float* m;
    float* v;
    float step;  // lr / (1 - beta1^t)
    float root;  // sqrt(1 - beta2^t)
  };
  std::span<const Part> parts;
  float beta1;
  float beta2;
  float eps;
  float decay;  // 1 - lr weight_decay when decoupled, else 1
  float l2;

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

  void cpu() const;
  void cuda() const;
};

/// value = decay value - step direction.
struct DirectionUpdate {
  struct Part {
    Index count;
    float* value;
    const float* direction;
    float step;
  };
  std::span<const Part> parts;
  float decay;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
