#pragma once

#include "core/tensor.h"
#include "optim/newton_schulz.h"

namespace muonlab::optim {

struct OrthogonalizeOptions {
  int steps = 5;  ///< Newton-Schulz steps, at least 1
  Coefficients coefficients = Coefficients::standard;
};

/// A matrix with the singular vectors of `g` and singular values near 1: about U V^T of the
/// singular value decomposition U S V^T. (m, n) to (m, n). How near depends on the coefficients;
/// singular values below about a thousandth of |g| stay smaller. Zero gives exactly zero, and the
/// scale of g does not matter: orthogonalize(c g) is orthogonalize(g) for c > 0. Throws unless g is
/// a matrix and there is at least one step. Jordan et al. 2024,
/// https://kellerjordan.github.io/posts/muon/; Newton-Schulz iteration: Higham 2008, "Functions of
/// Matrices", chapter 8.
Tensor orthogonalize(const Tensor& g, OrthogonalizeOptions options = {});

}  // namespace muonlab::optim
