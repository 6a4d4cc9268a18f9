#pragma once

#include <array>

#include "core/tensor.h"

namespace muonlab::kernel {

/// Output (i, j) of a pooling sees the elements (i, j) stride - padding + (u, v), where (u, v) goes
/// from (0, 0) to below size.
struct Windows {
  std::array<Index, 2> size;     // of height and width, at least 1
  std::array<Index, 2> stride;   // at least 1
  std::array<Index, 2> padding;  // at most size / 2, so that every window sees an element
};

/// y = the largest element of each window; a NaN counts as largest.
struct MaxPool {
  const Tensor& x;  // (n, c, h, w)
  Tensor& y;        // (n, c, oh, ow)
  Bytes& position;  // as y: u size[1] + v of the first of the largest, kept for the gradient
  Windows windows;  // of at most 256 elements

  void cpu() const;
  void cuda() const;
};

/// dx = for each element, the sum of dy over the windows in which it is the largest.
struct MaxPoolGrad {
  const Tensor& dy;       // (n, c, oh, ow)
  const Bytes& position;  // as dy
  Tensor& dx;             // (n, c, h, w)
  Windows windows;

  void cpu() const;
  void cuda() const;
};

/// y = the sum of each window, divided by the window's area; padding counts as 0.
struct AvgPool {
  const Tensor& x;  // (n, c, h, w)
  Tensor& y;        // (n, c, oh, ow)
  Windows windows;

  void cpu() const;
  void cuda() const;
};

/// dx = for each element, the sum of dy over the windows that see it, divided by the area.
struct AvgPoolGrad {
  const Tensor& dy;  // (n, c, oh, ow)
  Tensor& dx;        // (n, c, h, w)
  Windows windows;

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
