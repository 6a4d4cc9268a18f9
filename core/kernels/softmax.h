#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y = exp(x) / sum of exp(x), for each row; the row's maximum is taken off first.
struct Softmax {
  const Tensor& x;  // (..., n)
  Tensor& y;        // as x

  void cpu() const;
  void cuda() const;
};

/// dx = y (dy - sum of y dy), for each row.
struct SoftmaxGrad {
  const Tensor& y;   // (..., n), y = softmax(x)
  const Tensor& dy;  // as y
  Tensor& dx;        // as y

  void cpu() const;
  void cuda() const;
};

/// y = x - log(sum of exp(x)), for each row.
struct LogSoftmax {
  const Tensor& x;  // (..., n)
  Tensor& y;        // as x

  void cpu() const;
  void cuda() const;
};

/// dx = dy - exp(y) sum of dy, for each row.
struct LogSoftmaxGrad {
  const Tensor& y;   // (..., n), y = log_softmax(x)
  const Tensor& dy;  // as y
  Tensor& dx;        // as y

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
