#pragma once

#include "muonlab/core/elementwise.h"
#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y = f(a, b), element by element; axes of size 1, and missing leading axes, repeat.
struct Zip {
  Arithmetic function;
  const Tensor& a;  // broadcasts to y
  const Tensor& b;  // broadcasts to y
  Tensor& y;

  void cpu() const;
  void cuda() const;
};

/// y = alpha a + beta b. y may be a or b.
struct Combine {
  float alpha;
  const Tensor& a;  // any shape
  float beta;
  const Tensor& b;  // as a
  Tensor& y;        // as a

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
