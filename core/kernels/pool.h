#pragma once

#include "muonlab/core/pair.h"
#include "muonlab/core/tensor.h"

namespace muonlab {

/// The windows of a pooling.
struct Pool2dOptions {
  Pair size = 0;       ///< of a window, at least 1
  Pair stride = size;  ///< from window to window, at least 1; size if left out
  Pair padding = 0;    ///< on each side, at most size / 2
};

namespace kernel {

/// y(n, c, i, j) = the largest of x(n, c, i s + u - p, j s + v - p) over (u, v) below size, with
/// stride s and padding p; outside x lies -infinity, and a NaN counts as larger than all before it.
struct MaxPool {
  const Tensor& x;        // (n, c, h, w)
  Tensor& y;              // (n, c, oh, ow)
  Bytes& position;        // as y: u size[1] + v of the first of the largest, kept for the gradient
  Pool2dOptions options;  // windows of at most 256 elements

  void cpu() const;
  void cuda() const;
};

/// dx = for each element, the sum of dy over the windows in which it is the largest.
struct MaxPoolGrad {
  const Tensor& dy;       // (n, c, oh, ow)
  const Bytes& position;  // as dy
  Tensor& dx;             // (n, c, h, w)
  Pool2dOptions options;

  void cpu() const;
  void cuda() const;
};

/// y = the sum of each window, divided by its area; outside x lies 0.
struct AvgPool {
  const Tensor& x;  // (n, c, h, w)
  Tensor& y;        // (n, c, oh, ow)
  Pool2dOptions options;

  void cpu() const;
  void cuda() const;
};

/// dx = for each element, the sum of dy over the windows that see it, divided by the area.
struct AvgPoolGrad {
  const Tensor& dy;  // (n, c, oh, ow)
  Tensor& dx;        // (n, c, h, w)
  Pool2dOptions options;

  void cpu() const;
  void cuda() const;
};

}  // namespace kernel
}  // namespace muonlab
