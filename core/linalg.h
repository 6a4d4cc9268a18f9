#pragma once

#include <vector>

#include "muonlab/core/tensor.h"

/// Matrix decompositions on the host in double precision: for initialization, for tests, for
/// looking at spectra, and for preconditioners, which are made anew every so many steps only. They
/// take arrays on the CPU; what is on a GPU goes through the host, x.to(Device::cpu) and back: a
/// decomposition takes n^3 operations one after the other, a copy n^2 bytes.
namespace muonlab::linalg {

/// Q of the QR decomposition whose R has a positive diagonal: (m, n) with m >= n to (m, n), with
/// orthonormal columns. For a normal random matrix, Q is uniform among all such (Mezzadri 2006,
/// arXiv:math-ph/0609050). Throws unless m >= n.
Tensor orthonormal_columns(const Tensor& a);

struct SymmetricEigen {
  std::vector<double> values;  // smallest first
  Tensor vectors;              // (n, n): the k-th column is that of the k-th value, of length 1
};

/// A = V diag(values) V^T of a symmetric matrix (n, n), of which the lower triangle is read. Throws
/// unless all elements are finite.
SymmetricEigen symmetric_eigen(const Tensor& a);

/// L of A = L L^T, lower triangular, of a symmetric positive definite matrix (n, n), of which the
/// lower triangle is read. Throws when it is not positive definite.
Tensor cholesky(const Tensor& a);

/// X of L X = B for a lower triangular matrix L (n, n), of which the lower triangle is read, and B
/// (n, m). Where the diagonal has a zero, X is not finite.
Tensor solve_lower(const Tensor& l, const Tensor& b);

/// Singular values of a matrix, largest first.
std::vector<double> singular_values(const Tensor& a);

/// Singular values as square roots of the eigenvalues of the smaller of A A^T and A^T A: five to
/// ten times as fast. A value s has an error of about 1e-16 s_max^2 / s, so values below 1e-8 s_max
/// are noise; after rounding A to float32 they are noise in any case. Throws unless all elements
/// are finite.
std::vector<double> gram_singular_values(const Tensor& a);

/// U V^T of the singular value decomposition U S V^T: the nearest matrix with orthonormal rows or
/// columns, which orthogonalization approaches. (m, n) to (m, n).
Tensor polar_factor(const Tensor& a);

}  // namespace muonlab::linalg
