#pragma once

#include "muonlab/core/rng.h"
#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// mask = 0 with probability p, else 1 / (1 - p), so that the mean is 1. Element i is decided by
/// word i of the words that `rng` reserves, anew whenever the kernel runs or is replayed.
struct DropoutMask {
  Tensor& mask;  // any shape
  float p;       // within [0, 1)
  Rng& rng;      // on the host; it outlives a recording

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
