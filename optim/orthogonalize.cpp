#include "optim/orthogonalize.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/kernels/matmul.h"
#include "core/kernels/reduce.h"
#include "core/math.h"
#include "core/profile.h"

// X is kept in its own layout and S is the smaller of X X^T and X^T X, because
// (X X^T) X = X (X^T X): a tall matrix needs no transposition, only products from the right.
namespace muonlab::optim {
namespace {

using kernel::MatMul;
using kernel::Op;
using Steps = std::span<const NewtonSchulzStep>;

bool is_tall(const Tensor& x) { return x.shape()[0] > x.shape()[1]; }
Index shorter(const Tensor& x) { return std::min(x.shape()[0], x.shape()[1]); }
Index longer(const Tensor& x) { return std::max(x.shape()[0], x.shape()[1]); }

/// S = X X^T.
void gram(const Tensor& x, Tensor& s) {
  const Op left = is_tall(x) ? Op::transpose : Op::none;
  const Op right = is_tall(x) ? Op::none : Op::transpose;
  run(x.device(), MatMul{.a = x, .b = x, .c = s, .op_a = left, .op_b = right, .symmetric = true});
}

/// Y = a X + P X.
void apply(float a, const Tensor& p, const Tensor& x, Tensor& y) {
  const Tensor& left = is_tall(x) ? x : p;
  const Tensor& right = is_tall(x) ? p : x;
  run(x.device(), MatMul{.a = left, .b = right, .c = y, .d = &x, .beta = a});
}

/// R = alpha P Q + beta D for polynomials P, Q and D of one symmetric matrix, so R is symmetric.
void multiply(float alpha, const Tensor& p, const Tensor& q, float beta, const Tensor& d,
              Tensor& r) {
  run(p.device(),
      MatMul{.a = p, .b = q, .c = r, .alpha = alpha, .d = &d, .beta = beta, .symmetric = true});
}

/// The steps as they are written: S = X X^T, P = b S + c S S, X <- a X + P X.
Tensor iterate(Tensor x, Steps steps) {
  const Index n = shorter(x);
  Tensor s({n, n}, x.device());
  Tensor p({n, n}, x.device());
  Tensor next(x.shape(), x.device());
  for (const auto& [a, b, c] : steps) {
    gram(x, s);
    multiply(c, s, s, b, s, p);
    apply(a, p, x, next);
    std::swap(x, next);
  }
  return x;
}

/// The same with X touched only twice: q I + Q collects the product of all a I + P and meets X at
/// the end, and S <- (a I + P) S (a I + P) becomes what X X^T would be.
/// Gram Newton-Schulz: Dao-AILab 2025, https://github.com/Dao-AILab/gram-newton-schulz
Tensor iterate_gram(const Tensor& x, Steps steps) {
  const Index n = shorter(x);
  Tensor s({n, n}, x.device());
  Tensor p({n, n}, x.device());
  Tensor next({n, n}, x.device());
  Tensor collected;  // Q
  float q = 1;
  gram(x, s);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto [a, b, c] = steps[i];
    multiply(c, s, s, b, s, p);
    if (i == 0) {
      collected = p.clone();
    } else {  // (a I + P) (q I + Q) = a q I + (a Q + P Q) + q P
      multiply(1, p, collected, a, collected, next);
      math::combine(1, next, q, p, collected);
    }
    q *= a;
    if (i + 1 == steps.size()) break;
    multiply(1, p, s, a, s, next);
    multiply(1, p, next, a, next, s);
  }
  Tensor y(x.shape(), x.device());
  apply(q, collected, x, y);
  return y;
}

}  // namespace

Tensor orthogonalize(const Tensor& g, OrthogonalizeOptions options) {
  const profile::Section section("orthogonalize");
  check(g.shape().rank() == 2, "orthogonalize: a matrix is needed, got ", g.shape());
  check(options.steps >= 1, "orthogonalize: at least 1 step is needed, got ", options.steps);
  const Steps set = steps_of(options.coefficients);
  std::vector<NewtonSchulzStep> steps(set.begin(), set.end());
  steps.resize(options.steps, set.back());

  Tensor x(g.shape(), g.device());
  run(g.device(), kernel::Normalize{.x = g, .y = x});        // spectral norm at most 1
  if (longer(x) < 2 * shorter(x)) return iterate(x, steps);  // too few columns to save anything

  // After three steps S is computed from X anew: its rounding errors grow by a^2 with each step,
  // and so they stay within twice those of the plain iteration.
  constexpr std::size_t restart = 3;
  for (std::size_t i = 0; i < steps.size(); i += restart) {
    x = iterate_gram(x, Steps(steps).subspan(i, std::min(restart, steps.size() - i)));
  }
  return x;
}

}  // namespace muonlab::optim
