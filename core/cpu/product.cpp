#include "muonlab/core/cpu/product.h"

#include <string>

#include <Eigen/Core>

#include "muonlab/core/error.h"
#include "muonlab/core/precision.h"

namespace muonlab {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Matrix>;

void multiply_by_eigen(const Product<float>& p) {
  Eigen::Map<Matrix> c(p.c, p.m, p.n);
  const View a = p.a_transposed ? View(p.a, p.k, p.m) : View(p.a, p.m, p.k);
  const View b = p.b_transposed ? View(p.b, p.n, p.k) : View(p.b, p.k, p.n);
  if (!p.a_transposed && !p.b_transposed) c.noalias() = a * b;
  if (p.a_transposed && !p.b_transposed) c.noalias() = a.transpose() * b;
  if (!p.a_transposed && p.b_transposed) c.noalias() = a * b.transpose();
  if (p.a_transposed && p.b_transposed) c.noalias() = a.transpose() * b.transpose();
}

}  // namespace

void multiply(const Product<float>& product) { multiply_by_eigen(product); }
void multiply(const Product<Bfloat16>& /*product*/) {
  throw Error("matmul: bfloat16 is not what this build is fastest in");
}

Precision fastest_precision() { return Precision::float32; }

std::string product_library() {
  return "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
         std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION);
}

}  // namespace muonlab
