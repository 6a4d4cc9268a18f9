#pragma once

#include "core/tensor.h"

namespace muonlab::kernel {

/// y(i, ...) = x(index(i), ...): entries of the first axis.
struct Gather {
  const Tensor& x;      // (n, ...)
  const Labels& index;  // any shape, each within [0, n)
  Tensor& y;            // index's elements times one entry of x

  void cpu() const;
  void cuda() const;
};

/// y = 0, then y(index(i), ...) += x(i, ...) for i in order: the gradient of Gather.
struct ScatterAdd {
  const Tensor& x;      // index's elements times one entry of y
  const Labels& index;  // any shape, each within [0, n)
  Tensor& y;            // (n, ...)

  void cpu() const;
  void cuda() const;
};

/// y(i, ...) = scale x(index(i), ...): bytes to floats, as a batch of pixels is made.
struct GatherBytes {
  const Bytes& x;       // (n, ...)
  const Labels& index;  // (batch), each within [0, n)
  Tensor& y;            // (batch, ...)
  float scale;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
