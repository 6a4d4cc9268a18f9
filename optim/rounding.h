#pragma once

#include <cstddef>
#include <span>

#include "muonlab/optim/newton_schulz.h"

/// What rounding to bfloat16 does to Newton-Schulz steps, and how it is kept small.
/// docs/rounding.md derives the bounds.
///
/// A step is computed as Y = exact X + P X, where P = a I + b S + c S^2 - exact I and S = X X^T.
/// Rounding reaches S, P and the second X, and `exact` decides what that means.
namespace muonlab::optim {

/// Middle of the eigenvalues of S. S - 0.75 I, which is smaller than S, takes its place in the
/// square, where a quarter of the rounding error is left.
inline constexpr double middle = 0.75;

/// `exact` of step i: a, so that P X is small where X is, and small singular values keep their
/// digits; but in the last two of at least five steps, when all singular values are near 1, what X
/// is multiplied by there, so that P is small.
double exact_part(std::span<const NewtonSchulzStep> steps, std::size_t i);

/// Singular values from low to high.
struct Interval {
  double low, high;
};

/// Where singular values within [smallest, 1] of a matrix of norm 1 end after `steps` with products
/// in bfloat16, in the plain and the symmetric form; smaller ones end below `high`, too. (0,
/// infinity) where rounding might turn a direction round. It is assumed that rounding changes an
/// operand A by at most 1.25 2^-8 |A|, and that a sum of products A B is off by at most
/// 2^-16 |A| |B|, in spectral norms: docs/rounding.md says when that is so.
Interval band_in_bfloat16(std::span<const NewtonSchulzStep> steps, double smallest);

/// Whether, under the same assumptions, no direction turns round and no singular value ends
/// above 2. Of the published sets it is true of standard, you6, deepseek, cubic and taylor.
bool holds_in_bfloat16(std::span<const NewtonSchulzStep> steps);

}  // namespace muonlab::optim
