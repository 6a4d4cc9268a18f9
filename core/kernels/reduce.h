#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y(o, i) = sum over j of x(o, j, i), added in double.
struct Sum {
  const Tensor& x;  // outer * size * inner elements
  Tensor& y;        // outer * inner elements
  Index outer;
  Index size;
  Index inner;

  void cpu() const;
  void cuda() const;
};

/// Position of the largest element of each row, the first of equals; a NaN counts as largest.
struct ArgMax {
  const Tensor& x;  // (..., n)
  Integers& y;      // (...)

  void cpu() const;
  void cuda() const;
};

/// norm = sqrt(sum of x^2), added in double, so neither tiny nor huge elements are lost, denormal
/// ones included.
struct FrobeniusNorm {
  const Tensor& x;  // any shape
  double& norm;     // on the host

  void cpu() const;
  void cuda() const;
};

/// y = x / norm(x), and 0 for x = 0. Without an epsilon, so y does not depend on the scale of x,
/// from the smallest denormal numbers to the largest.
struct Normalize {
  const Tensor& x;  // any shape
  Tensor& y;        // as x, may be x

  void cpu() const;
  void cuda() const;
};

/// finite = no element of x is infinite or NaN.
struct AllFinite {
  const Tensor& x;  // any shape
  bool& finite;     // on the host

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
