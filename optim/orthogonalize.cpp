#include "muonlab/optim/orthogonalize.h"

#include <algorithm>
#include <utility>

#include "muonlab/core/kernels/diagonal.h"
#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/kernels/reduce.h"
#include "muonlab/core/math.h"
#include "muonlab/optim/orthogonalize_cost.h"
#include "muonlab/optim/rounding.h"

// X is kept in its own layout and S is the smaller of X X^T and X^T X, because
// (X X^T) X = X (X^T X): a tall matrix needs no transposition, only products from the right.
// All tensors here have three axes, the first of which counts matrices.
namespace muonlab::optim {
namespace {

using kernel::MatMul;
using kernel::Op;
using Steps = std::span<const NewtonSchulzStep>;

bool is_tall(const Tensor& x) { return x.shape()[1] > x.shape()[2]; }
Index shorter(const Tensor& x) { return std::min(x.shape()[1], x.shape()[2]); }

/// One (n, n) matrix for each of x's, n the shorter side. Undefined until written.
Tensor small_matrices(const Tensor& x) {
  return Tensor({x.shape()[0], shorter(x), shorter(x)}, x.device());
}

/// S = X X^T.
void gram(const Tensor& x, Tensor& s, bool symmetric, Precision precision) {
  run(x.device(), MatMul{.a = x,
                         .b = x,
                         .c = s,
                         .op_a = is_tall(x) ? Op::transpose : Op::none,
                         .op_b = is_tall(x) ? Op::none : Op::transpose,
                         .symmetric = symmetric,
                         .precision = precision});
}

/// Y = a X + P X.
void apply(float a, const Tensor& p, const Tensor& x, Tensor& y, Precision precision) {
  run(x.device(), MatMul{.a = is_tall(x) ? x : p,
                         .b = is_tall(x) ? p : x,
                         .c = y,
                         .d = &x,
                         .beta = a,
                         .precision = precision});
}

/// R = alpha P Q + beta D for polynomials P, Q and D of one symmetric matrix, so R is symmetric.
void multiply(float alpha, const Tensor& p, const Tensor& q, float beta, const Tensor& d, Tensor& r,
              bool symmetric, Precision precision) {
  run(p.device(), MatMul{.a = p,
                         .b = q,
                         .c = r,
                         .alpha = alpha,
                         .d = &d,
                         .beta = beta,
                         .symmetric = symmetric,
                         .precision = precision});
}

void add_to_diagonal(Tensor& x, double value) {
  run(x.device(), kernel::AddToDiagonal{.x = x, .value = static_cast<float>(value)});
}

/// P = a I + b S + c S^2 - exact I, of which S is lost. With m = middle,
/// a I + b S + c S^2 = (a + b m + c m^2) I + (b + 2 c m) (S - m I) + c (S - m I)^2.
void polynomial(const NewtonSchulzStep& step, double exact, Tensor& s, Tensor& p, bool symmetric,
                Precision precision) {
  const double a = step.a, b = step.b, c = step.c;
  if (step.c == 0) {
    math::combine(step.b, s, 0, s, p);
    add_to_diagonal(p, a - exact);
    return;
  }
  add_to_diagonal(s, -middle);
  const double slope = b + 2 * c * middle;
  multiply(step.c, s, s, static_cast<float>(slope), s, p, symmetric, precision);
  add_to_diagonal(p, a + middle * (b + middle * c) - exact);
}

/// Two places for X, which changes between them and ends where it began after `changes`.
class Places {
 public:
  /// In one of them, each matrix of x divided by its norm: spectral norm at most 1.
  Places(const Tensor& x, std::size_t changes) : now(x), next(x.shape(), x.device()) {
    if (changes % 2 != 0) change();
    const Shape shape{x.shape()[1], x.shape()[2]};
    for (Index i = 0; i < x.shape()[0]; ++i) {
      const Tensor from = x.slice(i, i + 1).reshape(shape);
      Tensor to = now.slice(i, i + 1).reshape(shape);
      run(x.device(), kernel::Normalize{.x = from, .y = to});
    }
  }

  void change() { std::swap(now, next); }

  Tensor now;
  Tensor next;
};

/// The steps as they are written. What part of a X is exact, and what part is in P X, decides how
/// rounding acts on singular values: see optim/rounding.h.
void iterate(const Tensor& stack, Steps steps, bool symmetric, Precision precision) {
  Places x(stack, steps.size());
  Tensor s = small_matrices(stack);
  Tensor p = small_matrices(stack);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double exact = exact_part(steps, i);
    gram(x.now, s, symmetric, precision);
    polynomial(steps[i], exact, s, p, symmetric, precision);
    apply(static_cast<float>(exact), p, x.now, x.next, precision);
    x.change();
  }
}

/// Takes steps on S alone: q I + Q collects the product of all a I + P, and S becomes what X X^T
/// would be. In float32: rounded to bfloat16, S would lose its small eigenvalues, which the steps
/// are about; and q X and Q X, up to 41 times as large as their sum, would leave their errors in
/// it.
class Collected {
 public:
  explicit Collected(const Tensor& x)
      : s(small_matrices(x)), q_(small_matrices(x)), p_(small_matrices(x)), t_(small_matrices(x)) {}

  Tensor s;
  float q = 1;

  /// Q after `steps`, of which the last leaves S as it was.
  Tensor& take(Steps steps) {
    q = 1;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto [a, b, c] = steps[i];
      Tensor& p = i == 0 ? q_ : p_;
      if (c == 0) {
        math::combine(b, s, 0, s, p);
      } else {
        product(c, s, s, b, s, p);
      }
      if (i > 0) {  // (a I + P) (q I + Q) = a q I + (a Q + P Q) + q P
        product(1, p, q_, a, q_, t_);
        math::combine(1, t_, q, p, q_);
      }
      q *= a;
      if (i + 1 == steps.size()) break;
      product(1, p, s, a, s, t_);  // S <- (a I + P) S (a I + P)
      product(1, p, t_, a, t_, s);
    }
    return q_;
  }

 private:
  static void product(float alpha, const Tensor& left, const Tensor& right, float beta,
                      const Tensor& d, Tensor& r) {
    multiply(alpha, left, right, beta, d, r, true, Precision::float32);
  }

  Tensor q_, p_, t_;
};

void iterate_gram(const Tensor& stack, Steps steps) {
  Places x(stack, (steps.size() + gram_segment - 1) / gram_segment);
  Collected collected(stack);
  for (std::size_t done = 0; done < steps.size(); done += gram_segment) {
    gram(x.now, collected.s, true, Precision::float32);
    Tensor& q = collected.take(steps.subspan(done, std::min(gram_segment, steps.size() - done)));
    apply(collected.q, q, x.now, x.next, Precision::float32);
    x.change();
  }
}

void check_matrices(std::span<const Tensor> matrices) {
  for (const Tensor& g : matrices) {
    check(g.shape().rank() == 2, "orthogonalize: a matrix is needed, got ", g.shape());
    check(g.shape() == matrices[0].shape(), "orthogonalize: matrices of one shape are needed, got ",
          g.shape(), ", expected ", matrices[0].shape());
  }
}

}  // namespace

std::string_view name_of(Form form) {
  switch (form) {
    case Form::automatic: return "automatic";
    case Form::plain: return "plain";
    case Form::symmetric: return "symmetric";
    case Form::gram: return "gram";
  }
  return "?";
}

std::size_t stack_size(const Shape& matrix, Device device) {
  const Index elements = device == Device::cpu ? Index{1} << 17 : Index{1} << 28;
  return static_cast<std::size_t>(
      std::max<Index>(1, elements / std::max<Index>(1, matrix.count())));
}

std::vector<NewtonSchulzStep> steps_of(const OrthogonalizeOptions& options) {
  check(options.steps >= 1, "orthogonalize: at least 1 step is needed, got ", options.steps);
  if (options.sequence.empty()) return repeat_last(steps_of(options.coefficients), options.steps);
  auto steps = repeat_last(options.sequence, options.steps);
  check_safe(steps);
  return steps;
}

void orthogonalize_in_place(Tensor& stack, const OrthogonalizeOptions& options) {
  const Shape& shape = stack.shape();
  check(shape.rank() == 3, "orthogonalize: a stack of matrices is needed, got ", shape);
  const std::vector<NewtonSchulzStep> steps = steps_of(options);
  const auto [form, precision] = plan_for(shape[1], shape[2], options, stack.device());
  if (form == Form::gram) {
    iterate_gram(stack, steps);
  } else {
    iterate(stack, steps, form == Form::symmetric, precision);
  }
}

std::vector<Tensor> orthogonalize(std::span<const Tensor> matrices,
                                  const OrthogonalizeOptions& options) {
  check_matrices(matrices);
  steps_of(options);  // throws when there are none
  std::vector<Tensor> results;
  while (!matrices.empty()) {
    const Shape shape = matrices[0].shape();
    const Device device = matrices[0].device();
    const std::size_t count = std::min(matrices.size(), stack_size(shape, device));
    Tensor stack({static_cast<Index>(count), shape[0], shape[1]}, device);
    for (std::size_t k = 0; k < count; ++k) {
      const auto i = static_cast<Index>(k);
      results.push_back(stack.slice(i, i + 1).reshape(shape));
      results.back().copy_from(matrices[k]);
    }
    orthogonalize_in_place(stack, options);
    matrices = matrices.subspan(count);
  }
  return results;
}

Tensor orthogonalize(const Tensor& g, const OrthogonalizeOptions& options) {
  return orthogonalize(std::span(&g, 1), options)[0];
}

}  // namespace muonlab::optim
