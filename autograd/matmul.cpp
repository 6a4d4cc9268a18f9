#include "core/kernels/matmul.h"

#include "autograd/functions.h"
#include "core/math.h"

namespace muonlab {
namespace {

using math::Op;

/// (..., n) as the matrix (rows, n).
Tensor as_matrix(const Tensor& x) { return x.reshape({x.shape().rows(), x.shape().columns()}); }

void check_linear(const Shape& x, const Shape& weight) {
  check(weight.rank() == 2, "linear: the weight is a matrix (out, in), got ", weight);
  check(x.rank() >= 1 && x[-1] == weight[1], "linear: weight ", weight, " needs ", weight[1],
        " features, got ", x);
}

/// dy w.
Pullback linear_dx(const Tensor& w, Shape x) {
  return [w = Saved(w), x](const Tensor& dy) { return math::matmul(as_matrix(dy), *w).reshape(x); };
}

/// dy^T x.
Pullback linear_dw(const Tensor& x) {
  return [x = Saved(x)](const Tensor& dy) {
    return math::matmul(as_matrix(dy), as_matrix(*x), Op::transpose);
  };
}

}  // namespace

Variable matmul(const Variable& va, const Variable& vb) {
  const Saved a(va.value());
  const Saved b(vb.value());
  auto to_a = [b](const Tensor& dy) { return math::matmul(dy, *b, Op::none, Op::transpose); };
  auto to_b = [a, shared = b->shape().rank() == 2](const Tensor& dy) {
    return shared ? math::matmul(as_matrix(*a), as_matrix(dy), Op::transpose)
                  : math::matmul(*a, dy, Op::transpose);
  };
  return record("matmul", math::matmul(*a, *b), {{va, to_a}, {vb, to_b}});
}

Variable linear(const Variable& vx, const Variable& vw, const Variable& vb) {
  const Tensor& x = vx.value();
  const Tensor& w = vw.value();
  const Tensor& bias = vb.value();
  check_linear(x.shape(), w.shape());
  check(bias.shape() == Shape{w.shape()[0]}, "linear: weight ", w.shape(),
        " needs a bias of shape ", Shape{w.shape()[0]}, ", got ", bias.shape());
  check_same_device("linear", x, w, bias);

  Tensor y(x.shape().with(-1, w.shape()[0]), x.device());
  Tensor y_matrix = as_matrix(y);
  run(x.device(),
      kernel::MatMul{.a = as_matrix(x), .b = w, .c = y_matrix, .op_b = Op::transpose, .d = &bias});
  return record("linear", y,
                {
                    {vx, linear_dx(w, x.shape())},
                    {vw, linear_dw(x)},
                    {vb, [s = bias.shape()](const Tensor& dy) { return math::sum_to(dy, s); }},
                });
}

Variable linear(const Variable& vx, const Variable& vw) {
  const Tensor& x = vx.value();
  const Tensor& w = vw.value();
  check_linear(x.shape(), w.shape());
  const Tensor y = math::matmul(as_matrix(x), w, Op::none, Op::transpose)
                       .reshape(x.shape().with(-1, w.shape()[0]));
  return record("linear", y, {{vx, linear_dx(w, x.shape())}, {vw, linear_dw(x)}});
}

}  // namespace muonlab
