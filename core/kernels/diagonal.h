#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// x += value I, for every matrix of a batch.
struct AddToDiagonal {
  Tensor& x;  // (..., n, n)
  float value;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
