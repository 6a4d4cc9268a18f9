#pragma once

#include "muonlab/core/elementwise.h"
#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y = f(x), element by element.
struct Map {
  Elementwise function;
  const Tensor& x;  // any shape
  Tensor& y;        // as x

  void cpu() const;
  void cuda() const;
};

/// dx = dy f'(x), element by element.
struct MapGrad {
  Elementwise function;
  const Tensor& x;   // any shape
  const Tensor& y;   // as x, y = f(x)
  const Tensor& dy;  // as x
  Tensor& dx;        // as x

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
