#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "muonlab/core/tensor.h"

namespace muonlab::test {

/// A = sum of s(i) u(i) v(i)^T over the shorter side, largest s first; u(i) and v(i) have length 1.
struct Svd {
  using Vector = std::vector<double>;
  Vector s;
  std::vector<Vector> u, v;
};

/// In double, by rotating the rows of the shorter side until they are orthogonal, which finds small
/// singular values to all digits, too: Demmel, Veselic 1992, https://doi.org/10.1137/0613074.
inline Svd svd(const Tensor& a) {
  const bool is_tall = a.shape()[0] > a.shape()[1];
  const Index n = std::min(a.shape()[0], a.shape()[1]);
  const Index m = std::max(a.shape()[0], a.shape()[1]);
  using Vector = Svd::Vector;
  std::vector<Vector> row(n, Vector(m)), basis(n, Vector(n));
  for (Index i = 0; i < n; ++i) {
    basis[i][i] = 1;
    for (Index j = 0; j < m; ++j) row[i][j] = a.data()[is_tall ? j * n + i : i * m + j];
  }
  const auto dot = [](const Vector& x, const Vector& y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  const auto rotate = [](Vector& x, Vector& y, double c, double s) {
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double old = x[k];
      x[k] = c * old - s * y[k];
      y[k] = s * old + c * y[k];
    }
  };
  double square = 0;
  for (const Vector& x : row) square += dot(x, x);
  const double zero = 1e-50 * square;  // what rotations leave of rows that depend on others
  for (bool rotated = true; rotated;) {
    rotated = false;
    for (Index i = 0; i < n; ++i) {
      for (Index j = i + 1; j < n; ++j) {
        const double p = dot(row[i], row[i]), q = dot(row[j], row[j]), r = dot(row[i], row[j]);
        if (std::min(p, q) <= zero || std::abs(r) <= 1e-14 * std::sqrt(p * q)) continue;
        const double zeta = (q - p) / (2 * r);
        const double t = std::copysign(1 / (std::abs(zeta) + std::hypot(1, zeta)), zeta);
        const double c = 1 / std::hypot(1, t);
        rotate(row[i], row[j], c, c * t);
        rotate(basis[i], basis[j], c, c * t);
        rotated = true;
      }
    }
  }
  std::vector<Index> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::greater(), [&](Index i) { return dot(row[i], row[i]); });
  Svd result;
  for (const Index i : order) {
    const double s = std::sqrt(dot(row[i], row[i]));
    result.s.push_back(s);
    for (double& x : row[i]) x = s == 0 ? 0 : x / s;
    result.u.push_back(is_tall ? row[i] : basis[i]);
    result.v.push_back(is_tall ? basis[i] : row[i]);
  }
  return result;
}

}  // namespace muonlab::test
