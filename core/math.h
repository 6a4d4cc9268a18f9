#pragma once

#include <array>
#include <vector>

#include "muonlab/core/elementwise.h"
#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/tensor.h"

/// Plain tensor functions without gradients: each checks its arguments, allocates its result and
/// runs one kernel. Pullbacks and optimizers are written with these.
namespace muonlab::math {

using Op = kernel::Op;

/// A tensor filled with one value.
Tensor full(Shape shape, float value, Device device = Device::cpu);
Tensor zeros(Shape shape, Device device = Device::cpu);

/// f(x), element by element.
Tensor map(Elementwise function, const Tensor& x);

/// a + b, a - b, a b, a / b, element by element. Axes of size 1 and missing leading axes repeat, as
/// in NumPy: (n, 1) with (m) gives (n, m). Throws when other sizes differ.
Tensor zip(Arithmetic function, const Tensor& a, const Tensor& b);
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);

/// alpha x.
Tensor scale(float alpha, const Tensor& x);

/// y = alpha a + beta b, all of one shape; y may be a or b.
void combine(float alpha, const Tensor& a, float beta, const Tensor& b, Tensor& y);

/// op(a) op(b): (..., m, k) times (..., k, n) is (..., m, n). The leading axes, the batch, must
/// agree, unless b is a single matrix, which serves all. Throws when sizes disagree.
Tensor matmul(const Tensor& a, const Tensor& b, Op op_a = Op::none, Op op_b = Op::none);

/// Sum over one axis, which disappears; -1 is the last.
Tensor sum(const Tensor& x, int axis);

/// Sum of all elements, shape ().
Tensor sum(const Tensor& x);

/// x summed over the axes that broadcasting repeated, so that it has `shape`: the gradient of
/// broadcasting. Throws unless `shape` broadcasts to x's.
Tensor sum_to(const Tensor& x, Shape shape);

/// The axes in another order: axis i of the result is axis axes[i] of x. Throws unless `axes` names
/// each axis once.
Tensor permute(const Tensor& x, const std::vector<int>& axes);

/// (m, n) to (n, m).
Tensor transpose(const Tensor& x);

/// Entries [begin, end) of an axis; -1 is the last.
Tensor slice(const Tensor& x, int axis, Index begin, Index end);

/// The parts one after another along an axis; all other sizes must agree.
Tensor concatenate(const std::vector<Tensor>& parts, int axis);

/// Position of each row's largest element: (..., n) to (...). The first of equals; NaN is largest.
Integers argmax(const Tensor& x);

/// exp(x) / sum of exp(x) over the last axis.
Tensor softmax(const Tensor& x);

/// Frobenius norm, the square root of the sum of squares, added in double.
double norm(const Tensor& x);

/// Whether no element is infinite or NaN.
bool all_finite(const Tensor& x);

}  // namespace muonlab::math
