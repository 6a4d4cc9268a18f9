#include "muonlab/core/kernels/matmul.h"

#include <numeric>
#include <utility>
#include <vector>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

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
Pullback linear_dw(const Tensor& x, const Watcher& watcher) {
  return [x = Saved(x), watcher](const Tensor& dy) {
    if (watcher) watcher(as_matrix(*x), as_matrix(dy));
    return math::matmul(as_matrix(dy), as_matrix(*x), Op::transpose);
  };
}

Op other(Op op) { return op == Op::none ? Op::transpose : Op::none; }

/// Each matrix of a stack transposed.
Tensor transposed(const Tensor& x) {
  std::vector<int> axes(static_cast<std::size_t>(x.shape().rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes.end()[-1], axes.end()[-2]);
  return math::permute(x, axes);
}

/// Of op(a) op(b) = y: dy op(b)^T, transposed as a is.
Pullback matmul_da(const Tensor& b, Op op_a, Op op_b) {
  return [b = Saved(b), op_a, op_b](const Tensor& dy) {
    const Tensor da = math::matmul(dy, *b, Op::none, other(op_b));
    return op_a == Op::none ? da : transposed(da);
  };
}

/// op(a)^T dy, transposed as b is, and summed over the batch where b serves all.
Pullback matmul_db(const Tensor& a, const Shape& b, Op op_a, Op op_b) {
  return [a = Saved(a), b, op_a, op_b](const Tensor& dy) {
    const bool is_rows = b.rank() == 2 && op_a == Op::none;  // the batch is only more rows
    const Tensor x = is_rows ? as_matrix(*a) : *a;
    const Tensor g = is_rows ? as_matrix(dy) : dy;
    return math::sum_to(op_b == Op::none ? math::matmul(x, g, other(op_a))
                                         : math::matmul(g, x, Op::transpose, op_a),
                        b);
  };
}

}  // namespace

Variable matmul(const Variable& va, const Variable& vb, Op op_a, Op op_b) {
  const Tensor& a = va.value();
  const Tensor& b = vb.value();
  return record("matmul", math::matmul(a, b, op_a, op_b),
                {{va, matmul_da(b, op_a, op_b)}, {vb, matmul_db(a, b.shape(), op_a, op_b)}});
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
                    {vw, linear_dw(x, vw.watcher())},
                    {vb, [s = bias.shape()](const Tensor& dy) { return math::sum_to(dy, s); }},
                });
}

Variable linear(const Variable& vx, const Variable& vw) {
  const Tensor& x = vx.value();
  const Tensor& w = vw.value();
  check_linear(x.shape(), w.shape());
  const Tensor y = math::matmul(as_matrix(x), w, Op::none, Op::transpose)
                       .reshape(x.shape().with(-1, w.shape()[0]));
  return record("linear", y, {{vx, linear_dx(w, x.shape())}, {vw, linear_dw(x, vw.watcher())}});
}

}  // namespace muonlab
