#include "muonlab/core/math.h"

#include <algorithm>

#include "muonlab/core/kernels/copy.h"
#include "muonlab/core/kernels/fill.h"
#include "muonlab/core/kernels/map.h"
#include "muonlab/core/kernels/reduce.h"
#include "muonlab/core/kernels/softmax.h"
#include "muonlab/core/kernels/zip.h"

namespace muonlab::math {
namespace {

/// NumPy's broadcasting rule.
Shape broadcast(const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  for (int axis = 1; axis <= std::min(a.rank(), b.rank()); ++axis) {  // from the last
    const Index size_a = a[a.rank() - axis];
    const Index size_b = b[b.rank() - axis];
    check(size_a == size_b || size_a == 1 || size_b == 1, "broadcast: ", a, " and ", b,
          " do not agree");
    result = result.with(result.rank() - axis, size_a == 1 ? size_b : size_a);
  }
  return result;
}

/// Checks that x has the axis and returns it counted from the first.
int axis_of(const char* op, const Tensor& x, int axis) {
  const int rank = x.shape().rank();
  check(-rank <= axis && axis < rank, op, ": ", x.shape(), " has no axis ", axis);
  return axis < 0 ? axis + rank : axis;
}

/// Product of the sizes of axes [begin, end).
Index product(const Shape& shape, int begin, int end) {
  Index result = 1;
  for (int axis = begin; axis < end; ++axis) result *= shape[axis];
  return result;
}

/// Sum over one axis, which stays with size 1.
Tensor sum_keeping(const Tensor& x, int axis) {
  const Shape shape = x.shape();
  Tensor y(shape.with(axis, 1), x.device());
  run(x.device(), kernel::Sum{.x = x,
                              .y = y,
                              .outer = product(shape, 0, axis),
                              .size = shape[axis],
                              .inner = product(shape, axis + 1, shape.rank())});
  return y;
}

Shape without(const Shape& shape, int axis) {
  std::vector<Index> sizes(shape.begin(), shape.end());
  sizes.erase(sizes.begin() + axis);
  return Shape(std::span<const Index>(sizes));
}

}  // namespace

Tensor full(Shape shape, float value, Device device) {
  Tensor y(shape, device);
  run(device, kernel::Fill{.value = value, .y = y});
  return y;
}

Tensor zeros(Shape shape, Device device) { return full(shape, 0, device); }

Tensor map(Elementwise function, const Tensor& x) {
  Tensor y(x.shape(), x.device());
  run(x.device(), kernel::Map{.function = function, .x = x, .y = y});
  return y;
}

Tensor zip(Arithmetic function, const Tensor& a, const Tensor& b) {
  check_same_device("broadcast", a, b);
  Tensor y(broadcast(a.shape(), b.shape()), a.device());
  run(a.device(), kernel::Zip{.function = function, .a = a, .b = b, .y = y});
  return y;
}

Tensor add(const Tensor& a, const Tensor& b) { return zip(Arithmetic::add, a, b); }
Tensor sub(const Tensor& a, const Tensor& b) { return zip(Arithmetic::sub, a, b); }
Tensor mul(const Tensor& a, const Tensor& b) { return zip(Arithmetic::mul, a, b); }
Tensor div(const Tensor& a, const Tensor& b) { return zip(Arithmetic::div, a, b); }

Tensor scale(float alpha, const Tensor& x) { return mul(x, full({}, alpha, x.device())); }

void combine(float alpha, const Tensor& a, float beta, const Tensor& b, Tensor& y) {
  check(a.shape() == b.shape() && a.shape() == y.shape(), "combine: shapes must agree, got ",
        a.shape(), ", ", b.shape(), " and ", y.shape());
  check_same_device("combine", a, b, y);
  run(a.device(), kernel::Combine{.alpha = alpha, .a = a, .beta = beta, .b = b, .y = y});
}

Tensor matmul(const Tensor& a, const Tensor& b, Op op_a, Op op_b) {
  const Shape& sa = a.shape();
  const Shape& sb = b.shape();
  check(sa.rank() >= 2 && sb.rank() >= 2, "matmul: matrices are needed, got ", sa, " and ", sb);
  const bool ta = op_a == Op::transpose;
  const bool tb = op_b == Op::transpose;
  check(sa[ta ? -2 : -1] == sb[tb ? -1 : -2], "matmul: inner sizes must agree, got ", sa,
        ta ? " transposed" : "", " and ", sb, tb ? " transposed" : "");
  const bool same_batch =
      sa.rank() == sb.rank() && std::equal(sa.begin(), sa.end() - 2, sb.begin());
  check(sb.rank() == 2 || same_batch, "matmul: leading axes must agree, got ", sa, " and ", sb);
  check_same_device("matmul", a, b);

  Tensor c(sa.with(-2, sa[ta ? -1 : -2]).with(-1, sb[tb ? -2 : -1]), a.device());
  run(a.device(), kernel::MatMul{.a = a, .b = b, .c = c, .op_a = op_a, .op_b = op_b});
  return c;
}

Tensor sum(const Tensor& x, int axis) {
  const int a = axis_of("sum", x, axis);
  return sum_keeping(x, a).reshape(without(x.shape(), a));
}

Tensor sum(const Tensor& x) { return sum(x.reshape({x.count()}), 0); }

Tensor sum_to(const Tensor& x, Shape shape) {
  check(broadcast(shape, x.shape()) == x.shape(), "sum_to: ", shape, " does not broadcast to ",
        x.shape());
  Tensor y = x;
  const int extra = x.shape().rank() - shape.rank();
  if (extra > 0) {  // all leading axes at once, as one
    const Index leading = product(x.shape(), 0, extra);
    y = Tensor(Shape(std::span(x.shape().begin() + extra, x.shape().end())), x.device());
    run(x.device(), kernel::Sum{.x = x, .y = y, .outer = 1, .size = leading, .inner = y.count()});
  }
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1 && y.shape()[axis] != 1) y = sum_keeping(y, axis);
  }
  return y;
}

Tensor permute(const Tensor& x, const std::vector<int>& axes) {
  const Shape& shape = x.shape();
  std::vector<int> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  bool each_once = static_cast<int>(axes.size()) == shape.rank();
  for (int axis = 0; each_once && axis < shape.rank(); ++axis) each_once = sorted[axis] == axis;
  check(each_once, "permute: each axis of ", shape, " must be named once");

  Shape permuted = shape;
  std::array<int, Shape::max_rank> order{};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    permuted = permuted.with(axis, shape[axes[axis]]);
    order[axis] = axes[axis];
  }
  Tensor y(permuted, x.device());
  run(x.device(), kernel::Permute{.x = x, .y = y, .axes = order});
  return y;
}

Tensor transpose(const Tensor& x) {
  check(x.shape().rank() == 2, "transpose: a matrix is needed, got ", x.shape());
  return permute(x, {1, 0});
}

Tensor slice(const Tensor& x, int axis, Index begin, Index end) {
  const int a = axis_of("slice", x, axis);
  const Shape& shape = x.shape();
  check(0 <= begin && begin <= end && end <= shape[a], "slice: [", begin, ", ", end,
        ") is not within axis ", a, " of ", shape);
  Tensor y(shape.with(a, end - begin), x.device());
  run(x.device(), kernel::CopyAxis{.x = x,
                                   .y = y,
                                   .outer = product(shape, 0, a),
                                   .inner = product(shape, a + 1, shape.rank()),
                                   .x_size = shape[a],
                                   .y_size = end - begin,
                                   .from = begin,
                                   .to = 0,
                                   .count = end - begin});
  return y;
}

Tensor concatenate(const std::vector<Tensor>& parts, int axis) {
  check(!parts.empty(), "concatenate: at least one tensor is needed");
  const int a = axis_of("concatenate", parts[0], axis);
  const Shape& first = parts[0].shape();
  Index total = 0;
  for (const Tensor& part : parts) {
    check_same_device("concatenate", parts[0], part);
    check(part.shape().rank() == first.rank() && part.shape().with(a, first[a]) == first,
          "concatenate: all sizes but axis ", a, " must agree, got ", first, " and ", part.shape());
    total += part.shape()[a];
  }
  Tensor y(first.with(a, total), parts[0].device());
  Index to = 0;
  for (const Tensor& part : parts) {
    const Index size = part.shape()[a];
    run(y.device(), kernel::CopyAxis{.x = part,
                                     .y = y,
                                     .outer = product(first, 0, a),
                                     .inner = product(first, a + 1, first.rank()),
                                     .x_size = size,
                                     .y_size = total,
                                     .from = 0,
                                     .to = to,
                                     .count = size});
    to += size;
  }
  return y;
}

Integers argmax(const Tensor& x) {
  check(x.shape().rank() > 0 && x.shape()[-1] > 0, "argmax: rows of at least one are needed, got ",
        x.shape());
  Integers y(without(x.shape(), x.shape().rank() - 1), x.device());
  run(x.device(), kernel::ArgMax{.x = x, .y = y});
  return y;
}

Tensor softmax(const Tensor& x) {
  check(x.shape().columns() > 0, "softmax: rows of at least one are needed, got ", x.shape());
  Tensor y(x.shape(), x.device());
  run(x.device(), kernel::Softmax{.x = x, .y = y});
  return y;
}

double norm(const Tensor& x) {
  double norm = 0;
  run(x.device(), kernel::FrobeniusNorm{.x = x, .norm = norm});
  return norm;
}

bool all_finite(const Tensor& x) {
  bool finite = true;
  run(x.device(), kernel::AllFinite{.x = x, .finite = finite});
  return finite;
}

}  // namespace muonlab::math
