#pragma once

#include "muonlab/core/pair.h"
#include "muonlab/core/precision.h"
#include "muonlab/core/tensor.h"

namespace muonlab {

/// How the filters of a convolution move.
struct Conv2dOptions {
  Pair stride = 1;    ///< at least 1
  Pair padding = 0;   ///< zeros on each side, at least 0
  Pair dilation = 1;  ///< distance between the taps of a filter, at least 1
  Index groups = 1;   ///< output channels of a group see the input channels of that group only
};

namespace kernel {

/// y(n, o, i, j) = bias(o) + sum over c, u, v of w(o, c, u, v) x(n, g + c, i s + u d - p,
/// j s + v d - p): stride s, padding p, dilation d; g is the first channel of o's group.
struct Conv2d {
  const Tensor& x;     // (n, in, h, w)
  const Tensor& w;     // (out, in / groups, kh, kw)
  const Tensor* bias;  // (out), or null
  Tensor& y;           // (n, out, oh, ow)
  Conv2dOptions options;
  Precision precision = product_precision();

  void cpu() const;
  void cuda() const;
};

/// dx(n, g + c, i s + u d - p, j s + v d - p) += w(o, c, u, v) dy(n, o, i, j) over o, u, v, i, j.
struct Conv2dInputGrad {
  const Tensor& w;   // (out, in / groups, kh, kw)
  const Tensor& dy;  // (n, out, oh, ow)
  Tensor& dx;        // (n, in, h, w)
  Conv2dOptions options;
  Precision precision = product_precision();

  void cpu() const;
  void cuda() const;
};

/// dw(o, c, u, v) = sum over n, i, j of dy(n, o, i, j) x(n, g + c, i s + u d - p, j s + v d - p).
struct Conv2dWeightGrad {
  const Tensor& x;   // (n, in, h, w)
  const Tensor& dy;  // (n, out, oh, ow)
  Tensor& dw;        // (out, in / groups, kh, kw)
  Conv2dOptions options;
  Precision precision = product_precision();

  void cpu() const;
  void cuda() const;
};

}  // namespace kernel
}  // namespace muonlab
