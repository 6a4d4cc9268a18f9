#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {
namespace {

/// dy, repeated to `shape`: the gradient of a sum.
Tensor repeat(const Tensor& dy, Shape shape) {
  return math::add(math::zeros(shape, dy.device()), dy);
}

}  // namespace

Variable sum(const Variable& v) {
  auto pullback = [shape = v.shape()](const Tensor& dy) { return repeat(dy, shape); };
  return record("sum", math::sum(v.value()), {{v, pullback}});
}

Variable sum(const Variable& v, int axis) {
  const Tensor y = math::sum(v.value(), axis);
  auto pullback = [shape = v.shape(), axis](const Tensor& dy) {
    return repeat(dy.reshape(shape.with(axis, 1)), shape);
  };
  return record("sum", y, {{v, pullback}});
}

Variable mean(const Variable& x) {
  check(x.value().count() > 0, "mean: no elements, got ", x.shape());
  return scale(1 / static_cast<float>(x.value().count()), sum(x));
}

Variable mean(const Variable& x, int axis) {
  const Variable total = sum(x, axis);  // checks the axis
  check(x.shape()[axis] > 0, "mean: no elements along axis ", axis, ", got ", x.shape());
  return scale(1 / static_cast<float>(x.shape()[axis]), total);
}

}  // namespace muonlab
