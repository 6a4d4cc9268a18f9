#pragma once

#include "muonlab/core/math.h"

namespace muonlab::optim {

/// A gradient of less variance, which MARS takes in the place of g: with the gradient h of the step
/// before,
///
///     c = g + factor (g - h);  c / max(1, |c|);  h = g
///
/// It is the approximate form: h stems from another batch. h has g's shape. Yuan et al. 2024,
/// arXiv:2411.10438.
inline Tensor reduce_variance(const Tensor& g, Tensor& h, float factor) {
  Tensor c(g.shape(), g.device());
  math::combine(1 + factor, g, -factor, h, c);
  h.copy_from(g);
  const Tensor one = math::full({1}, 1, g.device());
  const Tensor norm = math::map(Elementwise::sqrt, math::sum(math::map(Elementwise::square, c)));
  const Tensor over = math::map(Elementwise::relu, math::sub(norm, one));
  return math::div(c, math::add(over, one));
}

}  // namespace muonlab::optim
