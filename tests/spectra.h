#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/optim/newton_schulz.h"
#include "tests/random.h"

/// Matrices with known singular values, and what Newton-Schulz steps should make of them.
namespace muonlab::test {

/// What steps make of a singular value s, in double.
inline double composed(double s, std::span<const optim::NewtonSchulzStep> steps) {
  for (const auto& [a, b, c] : steps) s = a * s + b * s * s * s + c * s * s * s * s * s;
  return s;
}

inline double composed(double s, optim::Coefficients set, int count) {
  return composed(s, optim::repeat_last(optim::steps_of(set), count));
}

/// Where steps take singular values from `smallest` to 1, as it is documented with the sets, and
/// in bfloat16; 0: float32 takes its place.
struct Band {
  optim::Coefficients set;
  int steps;
  double low, high, smallest;
  double low_in_bfloat16 = 0, high_in_bfloat16 = 0;
};

inline constexpr Band bands[] = {
    {optim::Coefficients::standard, 5, 0.682, 1.134, 0.01, 0.65, 1.23},
    {optim::Coefficients::standard, 5, 0.682, 1.202, 0.003, 0.65, 1.23},
    {optim::Coefficients::quintic, 5, 0.978, 1.032, 0.01},
    {optim::Coefficients::you6, 6, 0.996, 1.000, 0.003, 0.86, 1.17},
    {optim::Coefficients::polar_express, 5, 0.859, 1.141, 0.001},
    {optim::Coefficients::deepseek, 10, 0.999, 1.001, 0.001, 0.98, 1.03},
    {optim::Coefficients::cubic5, 5, 0.774, 1.300, 0.01},
    {optim::Coefficients::cubic, 15, 0.999, 1.000, 0.01, 0.99, 1.01},
    {optim::Coefficients::taylor, 10, 0.999, 1.000, 0.01, 0.98, 1.02},
};

/// A matrix (m, n) with these singular values and random singular vectors.
inline Tensor with_singular_values(Index m, Index n, const std::vector<double>& values, Rng& rng) {
  const auto k = static_cast<Index>(values.size());
  const Tensor u = linalg::orthonormal_columns(random_normal({m, k}, rng));
  const Tensor v = linalg::orthonormal_columns(random_normal({n, k}, rng));
  Tensor scaled = u.clone();
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < k; ++j) scaled.data()[i * k + j] *= static_cast<float>(values[j]);
  }
  return math::matmul(scaled, v, math::Op::none, math::Op::transpose);
}

/// k values from 1 down to `smallest`, evenly on a logarithmic axis, then divided by their norm;
/// those that end below `smallest` are lifted to it.
inline std::vector<double> spectrum(int k, double smallest) {
  std::vector<double> values;
  double squares = 0;
  for (int i = 0; i < k; ++i) {
    values.push_back(std::pow(smallest, i / (k - 1.0)));
    squares += values.back() * values.back();
  }
  for (double& value : values) value = std::max(value / std::sqrt(squares), smallest);
  return values;
}

}  // namespace muonlab::test
