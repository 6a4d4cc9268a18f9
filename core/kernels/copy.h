#pragma once

#include <array>

#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

/// y(o, to + j, i) = x(o, from + j, i) for j in [0, count): slices of, and into, a middle axis.
struct CopyAxis {
  const Tensor& x;  // outer * x_size * inner elements
  Tensor& y;        // outer * y_size * inner elements
  Index outer;
  Index inner;
  Index x_size;
  Index y_size;
  Index from;
  Index to;
  Index count;

  void cpu() const;
  void cuda() const;
};

/// y is x with its axes in another order: axis i of y is axis axes[i] of x.
struct Permute {
  const Tensor& x;
  Tensor& y;
  std::array<int, Shape::max_rank> axes;  // the first rank are used

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
