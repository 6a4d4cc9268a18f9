#pragma once

#include <optional>
#include <span>

/// Measures of a matrix by its singular values s_1 >= ... >= s_n.
namespace muonlab::app {

/// The effective rank, how many directions a matrix uses: exp(-sum p_i ln p_i) with
/// p_i = s_i / sum s. Within [1, n], n when all s_i are equal; 0 for a matrix of zeros. Roy,
/// Vetterli 2007, "The effective rank: a measure of effective dimensionality"
double effective_rank(std::span<const double> values);

/// How far a matrix A = U S V^T is from a multiple of Q = U V^T, whose singular values are all 1:
/// |A - s Q| / |s Q|, in Frobenius norms, for the multiple s Q that is nearest to A.
/// |A - s Q|^2 = sum (s_i - s)^2 is smallest for s = mean(s_i), and |s Q|^2 = n s^2, so the
/// distance is sqrt(mean((s_i / s - 1)^2)), the relative standard deviation of the singular values.
/// Within [0, sqrt(n - 1)]; none for a matrix of zeros.
std::optional<double> distance_from_orthogonality(std::span<const double> values);

/// sqrt(sum s_i^2), the matrix's Frobenius norm.
double frobenius_norm(std::span<const double> values);

}  // namespace muonlab::app
