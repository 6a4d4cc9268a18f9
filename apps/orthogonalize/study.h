#pragma once

#include <string>
#include <vector>

#include "muonlab/core/tensor.h"
#include "muonlab/optim/orthogonalize.h"

/// What Newton-Schulz makes of a matrix, step by step.
namespace muonlab::app {

/// A matrix X on the way from M to the exact answer U V^T, where M = U S V^T.
struct Stage {
  Tensor x;                             // (m, n) as M; empty in a path but for (2, 2) and the last
  std::vector<double> singular_values;  // of X, largest first
  double error;                         // |X - U V^T| / |U V^T|, in Frobenius norms

  /// How many singular values are between 0.5 and 1.5.
  Index near_one() const;
};

/// Where one set of coefficients leads.
struct Path {
  std::string set;
  Precision precision;        // of the products: float32 where bfloat16 is not safe
  std::vector<Stage> stages;  // after steps 1, 2, ...
};

struct Study {
  Stage start;              // M itself
  Stage normalized;         // M / |M|, what the first step takes
  Stage exact;              // U V^T
  std::vector<Path> paths;  // one for each set
  Precision precision;      // asked for, of the steps' products

  /// The sets whose products are float32 although bfloat16 was asked for: "quintic, cubic5", or
  /// "every set"; empty when there are none.
  std::string sets_in_float32() const;

  /// How many singular values of M are above what rounding to float32 makes of zero.
  Index rank() const;
};

/// Orthogonalizes M, (m, n), with each of `sets` by optim::orthogonalize(), with 1 to `steps`
/// steps. Throws unless there are at least one set and one step.
Study study(const Tensor& m, const std::vector<optim::Coefficients>& sets, int steps,
            Precision precision);

/// A matrix (100, 100) with singular values 10^(-4.5 k / 99), k = 0 to 99: the tutorials' spectrum.
/// The singular vectors are random, and always the same.
Tensor spectrum_example();

}  // namespace muonlab::app
