#include "optim/orthogonalize.h"

#include <algorithm>
#include <utility>

#include "core/kernels/diagonal.h"
#include "core/kernels/matmul.h"
#include "core/kernels/reduce.h"
#include "core/math.h"
#include "optim/orthogonalize_cost.h"

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

/// Y = a X + alpha P X.
void apply(float a, float alpha, const Tensor& p, const Tensor& x, Tensor& y, Precision precision) {
  run(x.device(), MatMul{.a = is_tall(x) ? x : p,
                         .b = is_tall(x) ? p : x,
                         .c = y,
                         .alpha = alpha,
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

/// What a singular value is likely to be, within a factor of 1.4, after the first three steps.
constexpr double typical = 0.9;

/// The step for S - m I instead of S, with the same result: a' I + b' (S - m I) + c (S - m I)^2.
NewtonSchulzStep shifted(const NewtonSchulzStep& step, double m) {
  return {static_cast<float>(step.a + m * (step.b + m * step.c)),
          static_cast<float>(step.b + 2 * m * step.c), step.c};
}

/// The steps as they are written: S = X X^T, P = b S + c S S, X <- a X + P X. In the last two of
/// them a I and P nearly cancel, and the rounding of P to bfloat16 would show; so there S - m I
/// takes the place of S, and what P loses goes to a I, which is not rounded.
Tensor iterate(Tensor x, Steps steps, bool symmetric, Precision precision) {
  Tensor s = small_matrices(x);
  Tensor p = small_matrices(x);
  Tensor next(x.shape(), x.device());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool settled = i >= 3 && i + 2 >= steps.size();
    const double m = settled ? typical * typical : 0;
    const auto [a, b, c] = shifted(steps[i], m);
    gram(x, s, symmetric, precision);
    if (settled) run(s.device(), kernel::AddToDiagonal{.x = s, .value = static_cast<float>(-m)});
    if (c == 0) {
      apply(a, b, s, x, next, precision);
    } else {
      multiply(c, s, s, b, s, p, symmetric, precision);
      apply(a, 1, p, x, next, precision);
    }
    std::swap(x, next);
  }
  return x;
}

/// Takes steps on S alone: q I + Q collects the product of all a I + P, and S becomes what X X^T
/// would be. In float32 whatever the precision of the rest is: rounded to bfloat16, S would lose
/// its small eigenvalues, and with them all that the steps are about.
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

/// p(s) / s of the composed polynomial.
float slope_of(Steps steps, double s) {
  double slope = 1;
  for (const auto& [a, b, c] : steps) {
    const double t = s * s * slope * slope;
    slope *= a + t * (b + t * c);
  }
  return static_cast<float>(slope);
}

Tensor iterate_gram(Tensor x, Steps steps, Precision precision) {
  Collected collected(x);
  Tensor next(x.shape(), x.device());
  for (std::size_t done = 0; done < steps.size();) {
    const Steps segment = steps.subspan(done, gram_segment(steps, done, precision));
    gram(x, collected.s, true, precision);
    Tensor& q = collected.take(segment);
    float identity = collected.q;
    if (done > 0 && done + segment.size() == steps.size()) {
      // As in iterate(): q I and Q nearly cancel, and the rounding of Q would show.
      identity = slope_of(segment, typical);
      run(q.device(), kernel::AddToDiagonal{.x = q, .value = collected.q - identity});
    }
    apply(identity, 1, q, x, next, precision);
    std::swap(x, next);
    done += segment.size();
  }
  return x;
}

/// One after the other in one tensor, each divided by its norm: spectral norm at most 1.
Tensor normalized(std::span<const Tensor> matrices) {
  const Tensor& first = matrices[0];
  const auto count = static_cast<Index>(matrices.size());
  const Shape shape = first.shape();
  Tensor x({count, shape[0], shape[1]}, first.device());
  for (Index i = 0; i < count; ++i) {
    Tensor y = x.slice(i, i + 1).reshape(shape);
    run(y.device(), kernel::Normalize{.x = matrices[static_cast<std::size_t>(i)], .y = y});
  }
  return x;
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

std::vector<NewtonSchulzStep> steps_of(const OrthogonalizeOptions& options) {
  check(options.steps >= 1, "orthogonalize: at least 1 step is needed, got ", options.steps);
  if (options.sequence.empty()) return repeat_last(steps_of(options.coefficients), options.steps);
  auto steps = repeat_last(options.sequence, options.steps);
  check_safe(steps);
  return steps;
}

std::vector<Tensor> orthogonalize(std::span<const Tensor> matrices,
                                  const OrthogonalizeOptions& options) {
  check_matrices(matrices);
  const std::vector<NewtonSchulzStep> steps = steps_of(options);
  std::vector<Tensor> results;
  if (matrices.empty()) return results;

  const Shape shape = matrices[0].shape();
  const Device device = matrices[0].device();
  const Form form = form_for(shape[0], shape[1], options, device);
  // Small matrices together keep all threads busy; more than the CPU's caches hold would be slower.
  const Index elements = device == Device::cpu ? Index{1} << 17 : Index{1} << 28;
  const auto group =
      static_cast<std::size_t>(std::max<Index>(1, elements / std::max<Index>(1, shape.count())));
  for (std::size_t begin = 0; begin < matrices.size(); begin += group) {
    Tensor x = normalized(matrices.subspan(begin, std::min(group, matrices.size() - begin)));
    x = form == Form::gram
            ? iterate_gram(std::move(x), steps, options.precision)
            : iterate(std::move(x), steps, form == Form::symmetric, options.precision);
    for (Index i = 0; i < x.shape()[0]; ++i) {
      results.push_back(x.slice(i, i + 1).reshape(shape));
    }
  }
  return results;
}

Tensor orthogonalize(const Tensor& g, const OrthogonalizeOptions& options) {
  return orthogonalize(std::span(&g, 1), options)[0];
}

}  // namespace muonlab::optim
