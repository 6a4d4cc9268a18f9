#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab {

Variable add(const Variable& va, const Variable& vb) {
  const Tensor& a = va.value();
  const Tensor& b = vb.value();
  return record("add", math::add(a, b),
                {
                    {va, [sa = a.shape()](const Tensor& dy) { return math::sum_to(dy, sa); }},
                    {vb, [sb = b.shape()](const Tensor& dy) { return math::sum_to(dy, sb); }},
                });
}

Variable sub(const Variable& va, const Variable& vb) {
  const Tensor& a = va.value();
  const Tensor& b = vb.value();
  auto to_b = [sb = b.shape()](const Tensor& dy) { return math::scale(-1, math::sum_to(dy, sb)); };
  return record("sub", math::sub(a, b),
                {
                    {va, [sa = a.shape()](const Tensor& dy) { return math::sum_to(dy, sa); }},
                    {vb, to_b},
                });
}

Variable mul(const Variable& va, const Variable& vb) {
  const Saved a(va.value());
  const Saved b(vb.value());
  auto to_a = [b, s = a->shape()](const Tensor& dy) { return math::sum_to(math::mul(dy, *b), s); };
  auto to_b = [a, s = b->shape()](const Tensor& dy) { return math::sum_to(math::mul(dy, *a), s); };
  return record("mul", math::mul(*a, *b), {{va, to_a}, {vb, to_b}});
}

Variable div(const Variable& va, const Variable& vb) {
  const Tensor& a = va.value();
  const Saved b(vb.value());
  const Tensor y = math::div(a, *b);
  auto to_a = [b, s = a.shape()](const Tensor& dy) { return math::sum_to(math::div(dy, *b), s); };
  auto to_b = [b, y = Saved(y)](const Tensor& dy) {  // dy/db = -a / b^2 = -y / b
    return math::scale(-1, math::sum_to(math::div(math::mul(dy, *y), *b), b->shape()));
  };
  return record("div", y, {{va, to_a}, {vb, to_b}});
}

Variable scale(float alpha, const Variable& x) {
  return record("scale", math::scale(alpha, x.value()),
                {{x, [alpha](const Tensor& dy) { return math::scale(alpha, dy); }}});
}

}  // namespace muonlab
