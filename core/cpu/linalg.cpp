#include "muonlab/core/linalg.h"

#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

#include "muonlab/core/cpu/eigen.h"

namespace muonlab::linalg {
namespace {

void check_matrix(const char* name, const Tensor& a) {
  check(a.shape().rank() == 2 && a.count() > 0, name, ": a matrix is needed, got ", a.shape());
}

void check_square(const char* name, const Tensor& a) {
  check_matrix(name, a);
  check(a.shape()[0] == a.shape()[1], name, ": a square matrix is needed, got ", a.shape());
}

/// Calls visit(singular value decomposition). Eigen's fast method loses singular values of some
/// matrices, such as blocks of equal elements. The sum of their squares shows that, and then
/// Eigen's slow method takes over. Throws when no decomposition is found, as for elements that are
/// not finite.
template <class Visit>
auto with_svd(const char* name, const Tensor& a, unsigned parts, const Visit& visit) {
  const Eigen::MatrixXd m = matrix(a).cast<double>();
  const auto check_success = [&](const auto& svd) {
    check(svd.info() == Eigen::Success, name, ": no decomposition found of a matrix ", a.shape(),
          "; are all its elements finite?");
  };
  const Eigen::BDCSVD<Eigen::MatrixXd> fast(m, parts);
  check_success(fast);
  const double square = m.squaredNorm();
  constexpr double tolerance = 1e-10;
  if (std::abs(fast.singularValues().squaredNorm() - square) <= tolerance * square) {
    return visit(fast);
  }
  const Eigen::JacobiSVD<Eigen::MatrixXd> slow(m, parts);
  check_success(slow);
  return visit(slow);
}

Tensor to_tensor(const Eigen::MatrixXd& m) {
  Tensor t({m.rows(), m.cols()});
  matrix(t) = m.cast<float>();
  return t;
}

}  // namespace

Tensor orthonormal_columns(const Tensor& a) {
  check_matrix("orthonormal_columns", a);
  const Index m = a.shape()[0];
  const Index n = a.shape()[1];
  check(m >= n, "orthonormal_columns: at least as many rows as columns are needed, got ",
        a.shape());
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(matrix(a).cast<double>());
  Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(m, n);
  for (Index j = 0; j < n; ++j) {
    if (qr.matrixQR()(j, j) < 0) q.col(j) = -q.col(j);
  }
  return to_tensor(q);
}

SymmetricEigen symmetric_eigen(const Tensor& a) {
  check_square("symmetric_eigen", a);
  const Eigen::MatrixXd m = matrix(a).cast<double>();
  check(m.allFinite(), "symmetric_eigen: an element of a matrix ", a.shape(), " is not finite");
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(m);
  check(solver.info() == Eigen::Success, "symmetric_eigen: no decomposition found of a matrix ",
        a.shape());
  return {.values = {solver.eigenvalues().begin(), solver.eigenvalues().end()},
          .vectors = to_tensor(solver.eigenvectors())};
}

Tensor cholesky(const Tensor& a) {
  check_square("cholesky", a);
  const Eigen::MatrixXd m = matrix(a).cast<double>();
  const Eigen::LLT<Eigen::MatrixXd> solver(m);
  check(m.allFinite() && solver.info() == Eigen::Success, "cholesky: a matrix ", a.shape(),
        " is not positive definite");
  return to_tensor(solver.matrixL());
}

Tensor solve_lower(const Tensor& l, const Tensor& b) {
  check_square("solve_lower", l);
  check_matrix("solve_lower", b);
  check(l.shape()[0] == b.shape()[0], "solve_lower: shapes ", l.shape(), " and ", b.shape(),
        " have other numbers of rows");
  const Eigen::MatrixXd lower = matrix(l).cast<double>();
  return to_tensor(lower.triangularView<Eigen::Lower>().solve(matrix(b).cast<double>()));
}

std::vector<double> singular_values(const Tensor& a) {
  check_matrix("singular_values", a);
  return with_svd("singular_values", a, 0, [](const auto& svd) {
    const Eigen::VectorXd& values = svd.singularValues();
    return std::vector<double>(values.begin(), values.end());
  });
}

std::vector<double> gram_singular_values(const Tensor& a) {
  check_matrix("gram_singular_values", a);
  Eigen::MatrixXd wide = matrix(a).cast<double>();
  check(wide.allFinite(), "gram_singular_values: an element of a matrix ", a.shape(),
        " is not finite");
  if (wide.rows() > wide.cols()) wide.transposeInPlace();
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(wide.rows(), wide.rows());
  gram.selfadjointView<Eigen::Lower>().rankUpdate(wide);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram, Eigen::EigenvaluesOnly);
  check(solver.info() == Eigen::Success,
        "gram_singular_values: no decomposition found of a matrix ", a.shape());
  const Eigen::VectorXd values = solver.eigenvalues().cwiseMax(0).cwiseSqrt().reverse();
  return {values.begin(), values.end()};
}

Tensor polar_factor(const Tensor& a) {
  check_matrix("polar_factor", a);
  return with_svd(
      "polar_factor", a, Eigen::ComputeThinU | Eigen::ComputeThinV,
      [](const auto& svd) { return to_tensor(svd.matrixU() * svd.matrixV().transpose()); });
}

}  // namespace muonlab::linalg
