#pragma once

#include <cmath>
#include <vector>

#include "core/rng.h"
#include "core/tensor.h"

namespace muonlab::test {

inline Tensor random_uniform(Shape shape, float low, float high, Rng& rng) {
  Tensor t(shape);
  for (float& value : t.values()) value = rng.uniform(low, high);
  return t;
}

inline Tensor random_normal(Shape shape, Rng& rng) {
  Tensor t(shape);
  for (float& value : t.values()) value = rng.normal();
  return t;
}

/// The elements, row-major, for comparisons that print them.
inline std::vector<float> values(const Tensor& t) { return {t.values().begin(), t.values().end()}; }

/// Sum of products, in double.
inline double dot(const Tensor& a, const Tensor& b) {
  double total = 0;
  for (Index i = 0; i < a.count(); ++i) total += double{a.data()[i]} * b.data()[i];
  return total;
}

/// |a - b| / |b| in Frobenius norms, in double.
inline double relative_error(const Tensor& a, const Tensor& b) {
  double difference = 0;
  for (Index i = 0; i < a.count(); ++i) {
    const double d = double{a.data()[i]} - b.data()[i];
    difference += d * d;
  }
  return std::sqrt(difference / dot(b, b));
}

}  // namespace muonlab::test
