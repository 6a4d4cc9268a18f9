#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y = value, everywhere.
struct Fill {
  float value;
  Tensor& y;  // any shape

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
