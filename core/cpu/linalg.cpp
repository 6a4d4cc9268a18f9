#include "core/linalg.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

#include "core/cpu/eigen.h"

namespace muonlab::linalg {
namespace {

void check_matrix(const char* name, const Tensor& a) {
  check(a.shape().rank() == 2 && a.count() > 0, name, ": a matrix is needed, got ", a.shape());
}

/// Throws when the decomposition has failed, as it does for elements that are not finite.
template <class Svd>
void check_success(const char* name, const Svd& svd, const Tensor& a) {
  check(svd.info() == Eigen::Success, name, ": no decomposition found of a matrix ", a.shape(),
        "; are all its elements finite?");
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

std::vector<double> singular_values(const Tensor& a) {
  check_matrix("singular_values", a);
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(matrix(a).cast<double>());
  check_success("singular_values", svd, a);
  const Eigen::VectorXd& values = svd.singularValues();
  return {values.begin(), values.end()};
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
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(matrix(a).cast<double>(),
                                           Eigen::ComputeThinU | Eigen::ComputeThinV);
  check_success("polar_factor", svd, a);
  return to_tensor(svd.matrixU() * svd.matrixV().transpose());
}

}  // namespace muonlab::linalg
