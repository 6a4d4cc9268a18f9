#pragma once

#include <vector>

#include "muonlab/optim/newton_schulz.h"

/// Newton-Schulz steps made to order. Amsel, Persson, Musco, Gower 2025, arXiv:2505.16932.
namespace muonlab::optim {

struct PolarExpressOptions {
  double lower = 1e-3;    ///< smallest singular value that is to end near 1, within (0, 1]
  int steps = 5;          ///< at least 1
  double safety = 0.02;   ///< how far rounding may lift singular values above 1, at least 0
  double cushion = 0.02;  ///< smaller values than this, times the largest, wait; within [0, 1)
};

/// p(x) = a x + b x^3 + c x^5.
struct Quintic {
  double a, b, c;

  double operator()(double x) const { return x * (a + x * x * (b + x * x * c)); }
};

/// The quintic without even powers that is nearest to 1 on [low, high], 0 < low <= high: its
/// largest error there is the least possible. By Remez' exchange of points.
Quintic nearest_to_one(double low, double high);

/// The steps, each the best for the interval that the one before leaves:
///
///     p = nearest_to_one(max(l, cushion u), u), times 2 / (p(l) + p(u)) where the cushion acts
///     a, b, c = a / (1 + safety), b / (1 + safety)^3, c / (1 + safety)^5, but for the last step
///     l = p(l);  u = 2 - l                                            from l = lower, u = 1
///
/// Singular values in [lower, 1] end within [l, u] of the last step. Throws when an option is out
/// of its range.
std::vector<Quintic> polar_express(const PolarExpressOptions& options = {});

/// The same for OrthogonalizeOptions::sequence; the first step also divides by 1 + safety, as their
/// authors do to the matrix.
std::vector<NewtonSchulzStep> polar_express_steps(const PolarExpressOptions& options = {});

}  // namespace muonlab::optim
