#include "optim/orthogonalize.h"

#include <algorithm>
#include <utility>

#include "core/kernels/matmul.h"
#include "core/kernels/reduce.h"

namespace muonlab::optim {

using kernel::MatMul;
using kernel::Op;

// X is kept in its own layout and S is the smaller of X X^T and X^T X, because
// (X X^T) X = X (X^T X): a tall matrix needs no transposition, only products from the right.
Tensor orthogonalize(const Tensor& g, OrthogonalizeOptions options) {
  check(g.shape().rank() == 2, "orthogonalize: a matrix is needed, got ", g.shape());
  check(options.steps >= 1, "orthogonalize: at least 1 step is needed, got ", options.steps);
  const Device device = g.device();
  const bool tall = g.shape()[0] > g.shape()[1];
  const Op left = tall ? Op::transpose : Op::none;
  const Op right = tall ? Op::none : Op::transpose;
  const Index n = std::min(g.shape()[0], g.shape()[1]);

  Tensor x(g.shape(), device);
  Tensor next(g.shape(), device);
  Tensor s({n, n}, device);
  Tensor p({n, n}, device);
  run(device, kernel::Normalize{.x = g, .y = x});  // spectral norm at most 1
  const auto steps = steps_of(options.coefficients);
  for (int i = 0; i < options.steps; ++i) {
    const auto [a, b, c] = steps[std::min<std::size_t>(i, steps.size() - 1)];
    // S = X X^T;  P = b S + c S S;  X <- a X + P X
    run(device, MatMul{.a = x, .b = x, .c = s, .op_a = left, .op_b = right, .symmetric = true});
    run(device, MatMul{.a = s, .b = s, .c = p, .alpha = c, .d = &s, .beta = b, .symmetric = true});
    run(device, MatMul{.a = tall ? x : p, .b = tall ? p : x, .c = next, .d = &x, .beta = a});
    std::swap(x, next);
  }
  return x;
}

}  // namespace muonlab::optim
