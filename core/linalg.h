#pragma once

#include <vector>

#include "core/tensor.h"

/// Matrix decompositions on the host in double precision: for initialization, for tests and for
/// looking at spectra, not for a training step.
namespace muonlab::linalg {

/// Q of the QR decomposition whose R has a positive diagonal: (m, n) with m >= n to (m, n), with
/// orthonormal columns. For a normal random matrix, Q is uniform among all such (Mezzadri 2006,
/// arXiv:math-ph/0609050). Throws unless m >= n.
Tensor orthonormal_columns(const Tensor& a);

/// Singular values of a matrix, largest first.
std::vector<double> singular_values(const Tensor& a);

/// U V^T of the singular value decomposition U S V^T: the nearest matrix with orthonormal rows or
/// columns, which orthogonalization approaches. (m, n) to (m, n).
Tensor polar_factor(const Tensor& a);

}  // namespace muonlab::linalg
