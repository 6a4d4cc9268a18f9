#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "tests/random.h"
#include "tests/spectra.h"

/// Matrices that are hard to orthogonalize in different ways.
namespace muonlab::test {

/// (m, n) by element.
template <class Element>
Tensor matrix_of(Index m, Index n, const Element& element) {
  Tensor g({m, n});
  float* to = g.data();
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) to[i * n + j] = static_cast<float>(element(i, j));
  }
  return g;
}

inline Tensor orthogonal(Index m, Index n, Rng& rng) {
  return with_singular_values(m, n, std::vector<double>(std::min(m, n), 1), rng);
}

/// Singular values from 1 down to `least`, each the same part of the one before.
inline Tensor graded(Index m, Index n, double least, Rng& rng) {
  const Index k = std::min(m, n);
  std::vector<double> values;
  for (Index i = 0; i < k; ++i) {
    values.push_back(
        std::pow(least, static_cast<double>(i) / static_cast<double>(std::max<Index>(1, k - 1))));
  }
  return with_singular_values(m, n, values, rng);
}

struct Kind {
  std::string_view name;
  Tensor (*make)(Index m, Index n, Rng& rng);
};

inline constexpr Kind kinds[] = {
    {"normal",
     [](Index m, Index n, Rng& rng) {
       return random_normal({m, n}, rng);
     }},
    {"orthogonal", orthogonal},
    {"condition 1e2", [](Index m, Index n, Rng& rng) { return graded(m, n, 1e-2, rng); }},
    {"condition 1e6", [](Index m, Index n, Rng& rng) { return graded(m, n, 1e-6, rng); }},
    {"diagonal",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(
           m, n, [&](Index i, Index j) { return i == j ? std::pow(10, -6 * rng.uniform()) : 0; });
     }},
    {"identity",
     [](Index m, Index n, Rng&) {
       return matrix_of(m, n, [](Index i, Index j) { return i == j ? 3 : 0; });
     }},
    {"signed permutation",
     [](Index m, Index n, Rng& rng) {
       const auto step = rng.below(n);
       return matrix_of(m, n, [&](Index i, Index j) {
         return (i + step) % std::max(m, n) == j ? (rng.uniform() < 0.5F ? -1 : 1) : 0;
       });
     }},
    {"sparse",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n,
                        [&](Index, Index) { return rng.uniform() < 0.1F ? rng.normal() : 0; });
     }},
    {"one element",
     [](Index m, Index n, Rng&) {
       return matrix_of(m, n, [&](Index i, Index j) { return i == m / 2 && j == n / 2 ? -7 : 0; });
     }},
    {"all equal",
     [](Index m, Index n, Rng&) {
       return math::full({m, n}, 1.7F);
     }},
    {"nearly equal",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n, [&](Index, Index) { return 1 + 1e-3F * rng.normal(); });
     }},
    {"blocks of equal elements",
     [](Index m, Index n, Rng& rng) {
       const auto size = 1 + rng.below(n);
       return matrix_of(m, n, [&](Index i, Index j) { return i / size == j / size ? 1 : 0; });
     }},
    {"rank 1",
     [](Index m, Index n, Rng& rng) {
       return math::matmul(random_normal({m, 1}, rng), random_normal({1, n}, rng));
     }},
    {"rank 2",
     [](Index m, Index n, Rng& rng) {
       return math::matmul(random_normal({m, 2}, rng), random_normal({2, n}, rng));
     }},
    {"nearly rank 1",
     [](Index m, Index n, Rng& rng) {
       return math::add(math::matmul(random_normal({m, 1}, rng), random_normal({1, n}, rng)),
                        math::scale(0.01F, random_normal({m, n}, rng)));
     }},
    {"Hilbert",
     [](Index m, Index n, Rng&) {
       return matrix_of(m, n,
                        [](Index i, Index j) { return 1.0 / static_cast<double>(i + j + 1); });
     }},
    {"triangular",
     [](Index m, Index n, Rng&) {
       return matrix_of(m, n, [](Index i, Index j) { return i > j ? 0 : i == j ? 1 : -1; });
     }},
    {"reflection",  // I - 2 w w^T, all elements of w equal
     [](Index m, Index n, Rng&) {
       const double off = -2.0 / static_cast<double>(std::min(m, n));
       return matrix_of(m, n, [&](Index i, Index j) { return off + (i == j ? 1 : 0); });
     }},
    {"signs",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n, [&](Index, Index) { return rng.uniform() < 0.5F ? -1 : 1; });
     }},
    {"-1, 0, 1",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n, [&](Index, Index) { return static_cast<int>(rng.below(3)) - 1; });
     }},
    {"cosines",
     [](Index m, Index n, Rng&) {
       return matrix_of(m, n, [&](Index i, Index j) {
         return std::cos(std::numbers::pi * static_cast<double>(i * (2 * j + 1)) /
                         static_cast<double>(2 * n));
       });
     }},
    {"graded rows",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n, [&](Index i, Index) {
         return rng.normal() * std::pow(10, -4 * static_cast<double>(i) / static_cast<double>(m));
       });
     }},
    {"denormal",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n, [&](Index, Index) { return 1e-41 * rng.normal(); });
     }},
    {"huge",
     [](Index m, Index n, Rng& rng) {
       return matrix_of(m, n, [&](Index, Index) {
         return std::numeric_limits<float>::max() * (2 * rng.uniform() - 1);
       });
     }},
};

}  // namespace muonlab::test
