#pragma once

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y(i, ...) = x(index(i), ...): entries of the first axis. On the GPU the entry of an index
/// outside [0, n) is NaN.
struct Gather {
  const Tensor& x;        // (n, ...)
  const Integers& index;  // any shape, each within [0, n)
  Tensor& y;              // index's elements times one entry of x

  void cpu() const;
  void cuda() const;
};

/// y = 0, then y(index(i), ...) += x(i, ...) for i in order: the gradient of Gather. On the GPU
/// an entry whose index is outside [0, n) is left out.
struct ScatterAdd {
  const Tensor& x;        // index's elements times one entry of y
  const Integers& index;  // any shape, each within [0, n)
  Tensor& y;              // (n, ...)

  void cpu() const;
  void cuda() const;
};

/// y(i, ...) = x(index(i), ...): the labels of a batch, or its tokens. On the GPU the entry of an
/// index outside [0, n) is -1, which is no label.
struct GatherIntegers {
  const Integers& x;      // (n, ...)
  const Integers& index;  // (batch), each within [0, n)
  Integers& y;            // (batch, ...)

  void cpu() const;
  void cuda() const;
};

/// y(i, ...) = scale x(index(i), ...): bytes to floats, as a batch of pixels is made. On the
/// GPU the image of an index outside [0, n) is NaN.
struct GatherBytes {
  const Bytes& x;         // (n, ...)
  const Integers& index;  // (batch), each within [0, n)
  Tensor& y;              // (batch, ...)
  float scale;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
