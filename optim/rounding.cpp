#include "muonlab/optim/rounding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace muonlab::optim {
namespace {

using Step = NewtonSchulzStep;
using Steps = std::span<const Step>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unit = 0x1p-8;          // the largest relative error of a number in bfloat16
constexpr double operand = 1.25 * unit;  // assumed of a matrix, in spectral norms
constexpr double sum = 0x1p-16;          // assumed of sums of products in float32
constexpr int points = 256;              // at which a function of a singular value is taken
constexpr double between = 5e-4;         // more than any of them rises between two points

/// One step on an X with singular values up to `high`; E is its rounding, T = (X + E) (X + E)^T,
/// and P is computed as q(T) - exact I + F. The names are those of docs/rounding.md.
class RoundedStep {
 public:
  RoundedStep(Steps steps, std::size_t i, double high)
      : step_(steps[i]),
        exact_(exact_part(steps, i)),
        e_(i == 0 ? unit : operand * high),  // |X| = 1 at first, in the Frobenius norm, too
        top_(high + e_) {
    q_ = infinity;
    for_each(0, [this](double s) {
      q_ = std::min(q_, q(s) - between);
      p_ = std::max(p_, std::abs(q(s) - exact_));
    });
    f_ = error_of_p();
  }

  /// Whether q(T) + F is positive definite.
  bool keeps_directions() const { return f_ < q_; }

  /// Y = (q(T) + F) (X + E) - exact E, so for a unit vector z
  /// |Y z| <= sqrt(sum of p^2 z^2) + |F| sqrt(sum of s^2 z^2) + |exact E|.
  double highest() const {
    double peak = 0, at = 0;
    for_each(0, [&](double s) {
      if (s * q(s) > peak) peak = (at = s) * q(s);
    });
    const double weight = f_ * at / peak;  // (x + y)^2 <= (1 + w) x^2 + (1 + 1 / w) y^2
    double most = 0;
    for_each(0, [&](double s) {
      const double p = s * q(s), fs = f_ * s;
      most = std::max(most, (1 + weight) * p * p + (1 + 1 / weight) * fs * fs);
    });
    return std::sqrt(most) + between + std::abs(exact_) * e_ + error_of_sum();
  }

  /// What is at least left of singular values from `low` on.
  double lowest(double low) const {
    double least = infinity;  // Y = (I + F / q) q (X + E) - exact E
    for_each(std::max(0.0, low - e_),
             [&](double s) { least = std::min(least, s * (q(s) - between)); });
    const double simple = least * (1 - f_ / q_) - std::abs(exact_) * e_ - error_of_sum();
    return std::max({0.0, simple, exact_ == step_.a ? lowest_of_small(low) : 0});
  }

 private:
  /// p(s) / s.
  double q(double s) const { return step_.a + s * s * (step_.b + s * s * step_.c); }

  /// Calls visit(s) for singular values of X + E from `low` on.
  template <class Visit>
  void for_each(double low, const Visit& visit) const {
    for (int i = 0; i <= points; ++i) visit(low + (top_ - low) * i / points);
  }

  /// |F|: from the sums in T, from rounding T - middle I in the square, and from rounding P.
  double error_of_p() const {
    const double of_t = sum * top_ * top_;
    double of_polynomial = std::abs(step_.b) * of_t;
    if (step_.c != 0) {
      const double radius = std::max(middle, top_ * top_ - middle);
      const double error = operand * radius + of_t;
      of_polynomial =
          std::abs(step_.b + 2.0 * middle * step_.c) * of_t +
          std::abs(step_.c) * (2 * radius * error + error * error + sum * radius * radius);
    }
    return of_polynomial + operand * (p_ + of_polynomial);
  }

  double error_of_sum() const { return sum * (p_ + 1) * top_; }

  /// E comes with P = q - a, which is small where X is: (I + F / q)^-1 Y = q X + G with
  /// |G' y| <= |E| (|P y| + a |F| / (q - |F|)); and X X^T is at least low^2 on what is to stay, and
  /// everywhere at least T / 2 - E E^T.
  double lowest_of_small(double low) const {
    double best = 0;
    for (const double share : {0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99}) {
      for (const double weight : {0.02, 0.05, 0.1, 0.2, 0.4, 0.8}) {
        double least = infinity;
        for_each(0, [&](double s) {
          const double t = share * low * low + (1 - share) * (s * s / 2 - e_ * e_);
          const double p = e_ * (q(s) - step_.a);
          least = std::min(least, q(s) * q(s) * t - (1 + 1 / weight) * p * p);
        });
        best = std::max(best, least / (1 + weight));
      }
    }
    const double rest = e_ * step_.a * f_ / (q_ - f_);
    return (1 - f_ / q_) * (std::sqrt(best) - rest) - error_of_sum();
  }

  const Step& step_;
  double exact_;
  double e_;      // |E|
  double top_;    // of the singular values of X + E
  double q_ = 0;  // the lowest eigenvalue of q(T)
  double p_ = 0;  // the largest of q(T) - exact I
  double f_ = 0;  // |F|
};

}  // namespace

double exact_part(Steps steps, std::size_t i) {
  const auto [a, b, c] = steps[i];
  const bool is_settled = i >= 3 && i + 2 >= steps.size();
  return is_settled ? a + middle * (b + middle * c) : a;
}

Interval band_in_bfloat16(Steps steps, double smallest) {
  Interval x = {smallest, 1};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const RoundedStep step(steps, i, x.high);
    if (!step.keeps_directions()) return {0, infinity};
    x = {step.lowest(x.low), step.highest()};
  }
  return x;
}

bool holds_in_bfloat16(Steps steps) {
  double high = 1;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const RoundedStep step(steps, i, high);
    if (!step.keeps_directions()) return false;
    high = step.highest();
  }
  return high <= 2;
}

}  // namespace muonlab::optim
