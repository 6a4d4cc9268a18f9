#include "muonlab/optim/polar_express.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "muonlab/core/error.h"

namespace muonlab::optim {
namespace {

/// p(x / divisor).
Quintic divided(const Quintic& p, double divisor) {
  return {p.a / divisor, p.b / std::pow(divisor, 3), p.c / std::pow(divisor, 5)};
}

using System = std::array<std::array<double, 5>, 4>;  // four equations, right sides last

/// The solution, by elimination with the largest pivots.
std::array<double, 4> solved(System m) {
  for (std::size_t k = 0; k < 4; ++k) {
    const auto pivot =
        std::ranges::max_element(m.begin() + static_cast<std::ptrdiff_t>(k), m.end(), {},
                                 [k](const auto& row) { return std::abs(row[k]); });
    std::swap(m[k], *pivot);
    for (std::size_t i = 0; i < 4; ++i) {
      if (i == k) continue;
      const double factor = m[i][k] / m[k][k];
      for (std::size_t j = k; j < 5; ++j) m[i][j] -= factor * m[k][j];
    }
  }
  return {m[0][4] / m[0][0], m[1][4] / m[1][1], m[2][4] / m[2][2], m[3][4] / m[3][3]};
}

/// p whose errors at four points are equal, and change signs. It is solved for as
/// x (r + s z + t z^2) with z = (x^2 - middle) / half, which stays exact where points are close.
Quintic through(const std::array<double, 4>& x) {
  const double middle = (x[0] * x[0] + x[3] * x[3]) / 2;
  const double half = (x[3] * x[3] - x[0] * x[0]) / 2;
  System equations;
  for (std::size_t i = 0; i < 4; ++i) {
    const double z = (x[i] * x[i] - middle) / half;
    const double sign = i % 2 == 0 ? 1 : -1;
    equations[i] = {1, z, z * z, sign / x[i], 1 / x[i]};
  }
  const auto [r, s, t, e] = solved(equations);
  const double shift = middle / half;
  return {r - s * shift + t * shift * shift, (s - 2 * t * shift) / half, t / (half * half)};
}

}  // namespace

Quintic nearest_to_one(double low, double high) {
  check(0 < low && low <= high, "nearest_to_one: an interval [", low, ", ", high, "] is none");
  // In the limit of one point its first two derivatives there are 0. The middle of an interval so
  // short is as good as 1e-8, and what follows would be worse by rounding.
  if (low / high > 1 - 1e-4) return divided({15.0 / 8, -10.0 / 8, 3.0 / 8}, (low + high) / 2);
  std::array<double, 4> x = {low, (3 * low + high) / 4, (low + 3 * high) / 4, high};
  Quintic p{};
  constexpr int most = 100;  // six are enough
  double error = -1;
  for (int i = 0; i < most; ++i) {
    p = through(x);
    const double now = 1 - p(low);
    if (std::abs(now - error) <= 1e-15) break;
    error = now;
    // p is farthest from 1 where its derivative, a + 3 b x^2 + 5 c x^4, is 0.
    const double root = std::sqrt(std::max(0.0, 9 * p.b * p.b - 20 * p.a * p.c));
    x[1] = std::sqrt((-3 * p.b - root) / (10 * p.c));
    x[2] = std::sqrt((-3 * p.b + root) / (10 * p.c));
  }
  return p;
}

std::vector<Quintic> polar_express(const PolarExpressOptions& options) {
  check(0 < options.lower && options.lower <= 1, "polar_express: lower must be within (0, 1], got ",
        options.lower);
  check(options.steps >= 1, "polar_express: at least 1 step is needed, got ", options.steps);
  check(std::isfinite(options.safety) && options.safety >= 0,
        "polar_express: safety must be finite and not negative, got ", options.safety);
  check(0 <= options.cushion && options.cushion < 1,
        "polar_express: cushion must be within [0, 1), got ", options.cushion);
  std::vector<Quintic> steps;
  double l = options.lower;
  double u = 1;
  for (int i = 0; i < options.steps; ++i) {
    Quintic p = nearest_to_one(std::max(l, options.cushion * u), u);
    if (options.cushion * u > l) {
      const double center = 2 / (p(l) + p(u));
      p = {center * p.a, center * p.b, center * p.c};
    }
    if (i + 1 < options.steps) p = divided(p, 1 + options.safety);
    steps.push_back(p);
    l = p(l);
    u = 2 - l;
  }
  return steps;
}

std::vector<NewtonSchulzStep> polar_express_steps(const PolarExpressOptions& options) {
  std::vector<Quintic> all = polar_express(options);
  all[0] = divided(all[0], 1 + options.safety);
  std::vector<NewtonSchulzStep> steps;
  for (const Quintic& p : all) {
    steps.push_back({static_cast<float>(p.a), static_cast<float>(p.b), static_cast<float>(p.c)});
  }
  return steps;
}

}  // namespace muonlab::optim
