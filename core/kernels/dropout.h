#pragma once

#include "core/rng.h"
#include "core/tensor.h"

namespace muonlab::kernel {

/// mask = 0 with probability p, else 1 / (1 - p), so that the mean is 1.
struct DropoutMask {
  Tensor& mask;  // any shape
  float p;       // within [0, 1)
  Rng::Reserved random;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
