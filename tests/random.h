#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "muonlab/core/rng.h"
#include "muonlab/core/tensor.h"

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

/// The elements of an array on any device, row-major, for comparisons that print them.
template <class T>
std::vector<T> values(const Array<T>& array) {
  const Array<T> here = array.to(Device::cpu);
  return {here.values().begin(), here.values().end()};
}

/// Sum of products, in double.
inline double dot(const Tensor& a, const Tensor& b) {
  double total = 0;
  for (Index i = 0; i < a.count(); ++i) total += double{a.data()[i]} * b.data()[i];
  return total;
}

/// The largest difference of two elements, relative to the largest finite element of b: a sum of
/// terms of that size that cancels keeps their rounding errors. Infinite where one has a NaN or an
/// infinity and the other does not.
inline double difference(const Tensor& a, const Tensor& b) {
  double worst = 0;
  double largest = 0;
  for (Index i = 0; i < a.count(); ++i) {
    const double p = a.data()[i];
    const double q = b.data()[i];
    if (std::isfinite(q)) largest = std::max(largest, std::abs(q));
    if (p == q || (std::isnan(p) && std::isnan(q))) continue;
    worst = std::max(worst, std::isfinite(p - q) ? std::abs(p - q) : double{INFINITY});
  }
  return largest == 0 ? worst : worst / largest;
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
