#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y = gain xhat + bias, xhat = (x - mean) rstd, for each row; rstd = 1 / sqrt(variance + eps). The
/// mean is the two floats of a Centre (core/centre.h).
struct LayerNorm {
  const Tensor& x;     // (..., n)
  const Tensor& gain;  // (n)
  const Tensor& bias;  // (n)
  Tensor& y;           // as x
  Tensor& mean;        // (2, rows), kept for the gradient
  Tensor& rstd;        // (rows), kept for the gradient
  float eps;

  void cpu() const;
  void cuda() const;
};

/// dx = rstd (g - mean of g - xhat mean of (g xhat)), g = dy gain, for each row.
struct LayerNormGrad {
  const Tensor& x;     // (..., n)
  const Tensor& gain;  // (n)
  const Tensor& mean;  // (2, rows)
  const Tensor& rstd;  // (rows)
  const Tensor& dy;    // as x
  Tensor& dx;          // as x

  void cpu() const;
  void cuda() const;
};

/// dgain = sum over rows of dy xhat.
struct LayerNormGainGrad {
  const Tensor& x;     // (..., n)
  const Tensor& mean;  // (2, rows)
  const Tensor& rstd;  // (rows)
  const Tensor& dy;    // as x
  Tensor& dgain;       // (n)

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
