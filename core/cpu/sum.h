#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "muonlab/core/shape.h"

namespace muonlab {

/// term(0) + ... + term(count - 1) in double, in an order that the compiler vectorizes and that
/// depends on `count` alone.
template <class Term>
double sum(Index count, const Term& term) {
  constexpr Index lanes = 16;
  std::array<double, lanes> lane{};
  Index i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (Index k = 0; k < lanes; ++k) lane[k] += term(i + k);
  }
  for (Index k = 0; i + k < count; ++k) lane[k] += term(i + k);
  double total = 0;
  for (const double value : lane) total += value;
  return total;
}

/// The largest of x[0], ..., x[count - 1], vectorized in the same way; NaNs do not count.
inline float largest(Index count, const float* x) {
  constexpr Index lanes = 16;
  std::array<float, lanes> lane;
  lane.fill(-std::numeric_limits<float>::infinity());
  Index i = 0;
  for (; i + lanes <= count; i += lanes) {
    for (Index k = 0; k < lanes; ++k) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  }
  for (Index k = 0; i + k < count; ++k) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  return *std::max_element(lane.begin(), lane.end());
}

/// The sum divided by `count`.
template <class Term>
double mean(Index count, const Term& term) {
  return sum(count, term) / static_cast<double>(count);
}

}  // namespace muonlab
