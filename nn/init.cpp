#include "muonlab/nn/init.h"

#include <cmath>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"

namespace muonlab::nn::init {
namespace {

void check_weight(const char* name, const Shape& shape) {
  check(shape.rank() >= 2 && shape.count() > 0, name, ": a weight (out, in, ...) is needed, got ",
        shape);
}

float fan_in(const Shape& shape) {
  const Index size = shape.count() / shape[0];
  return static_cast<float>(size);
}
float fan_out(const Shape& shape) {
  const Index size = shape.count() / shape[1];
  return static_cast<float>(size);
}

/// Uniform in +-bound.
Tensor symmetric(Shape shape, float bound, Rng& rng) { return uniform(shape, -bound, bound, rng); }

}  // namespace

Tensor zeros(Shape shape) { return math::zeros(shape); }
Tensor ones(Shape shape) { return math::full(shape, 1); }

Tensor uniform(Shape shape, float low, float high, Rng& rng) {
  Tensor t(shape);
  for (float& value : t.values()) value = rng.uniform(low, high);
  return t;
}

Tensor normal(Shape shape, float deviation, Rng& rng) {
  Tensor t(shape);
  for (float& value : t.values()) value = deviation * rng.normal();
  return t;
}

Tensor uniform_fan_in(Shape shape, Rng& rng) {
  check_weight("uniform_fan_in", shape);
  return symmetric(shape, 1 / std::sqrt(fan_in(shape)), rng);
}

Tensor uniform_fan_in(Shape shape, Index fan_in, Rng& rng) {
  check(fan_in > 0, "uniform_fan_in: fan_in must be positive, got ", fan_in);
  return symmetric(shape, 1 / std::sqrt(static_cast<float>(fan_in)), rng);
}

// A uniform variable in +-b has variance b^2 / 3.
Tensor kaiming_uniform(Shape shape, Rng& rng) {
  check_weight("kaiming_uniform", shape);
  return symmetric(shape, std::sqrt(3 * 2 / fan_in(shape)), rng);
}

Tensor kaiming_normal(Shape shape, Rng& rng) {
  check_weight("kaiming_normal", shape);
  return normal(shape, std::sqrt(2 / fan_in(shape)), rng);
}

Tensor xavier_uniform(Shape shape, Rng& rng) {
  check_weight("xavier_uniform", shape);
  return symmetric(shape, std::sqrt(3 * 2 / (fan_in(shape) + fan_out(shape))), rng);
}

Tensor xavier_normal(Shape shape, Rng& rng) {
  check_weight("xavier_normal", shape);
  return normal(shape, std::sqrt(2 / (fan_in(shape) + fan_out(shape))), rng);
}

Tensor orthogonal(Shape shape, Rng& rng) {
  check_weight("orthogonal", shape);
  const Index rows = shape[0];
  const Index columns = shape.count() / rows;
  const bool tall = rows > columns;
  const Tensor g = normal(tall ? Shape{rows, columns} : Shape{columns, rows}, 1, rng);
  const Tensor q = linalg::orthonormal_columns(g);
  return (tall ? q : math::transpose(q)).reshape(shape);
}

}  // namespace muonlab::nn::init
