#pragma once

#include "muonlab/core/math.h"

/// What stages say of a stack of k matrices (k, m, n): sums of squares and norms.
namespace muonlab::optim {

/// What a sum is over.
enum class Part { row, column, matrix };

/// Sum over all elements of each matrix: (k, 1, 1).
inline Tensor total(const Tensor& x) {
  const Index k = x.shape()[0];
  return math::sum(x.reshape({k, k == 0 ? 0 : x.count() / k}), 1).reshape({k, 1, 1});
}

/// Sums of squares: (k, m, 1) of the rows, (k, 1, n) of the columns, (k, 1, 1) of the matrices.
inline Tensor squares(const Tensor& u, Part part) {
  const Index k = u.shape()[0];
  const Tensor all = math::map(Elementwise::square, u);
  if (part == Part::row) return math::sum(all, 2).reshape({k, u.shape()[1], 1});
  if (part == Part::column) return math::sum(all, 1).reshape({k, 1, u.shape()[2]});
  return total(all);
}

inline Tensor sqrt(const Tensor& x) { return math::map(Elementwise::sqrt, x); }

/// x + a.
inline Tensor plus(const Tensor& x, float a) {
  return math::add(x, math::full({1}, a, x.device()));
}

/// Frobenius norms: (k, 1, 1).
inline Tensor norms(const Tensor& u) { return sqrt(squares(u, Part::matrix)); }

}  // namespace muonlab::optim
