#include "core/cpu/product.h"

#include <string>

#include <Eigen/Core>

#include "core/precision.h"

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

/// Rounded already, and float32 from here on: Eigen's own bfloat16 products add in bfloat16.
Eigen::VectorXf widen(const Bfloat16* data, Index count) {
  Eigen::VectorXf wide(count);
  for (Index i = 0; i < count; ++i) wide[i] = to_float(data[i]);
  return wide;
}

}  // namespace

void multiply(const Product<float>& product) { multiply_by_eigen(product); }
void multiply(const Product<Bfloat16>& p) {
  const Eigen::VectorXf a = widen(p.a, p.m * p.k);
  const Eigen::VectorXf b = widen(p.b, p.k * p.n);
  multiply_by_eigen({.a = a.data(),
                     .b = b.data(),
                     .c = p.c,
                     .m = p.m,
                     .n = p.n,
                     .k = p.k,
                     .a_transposed = p.a_transposed,
                     .b_transposed = p.b_transposed});
}

Precision fastest_precision() { return Precision::float32; }

std::string product_library() {
  return "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
         std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION);
}

}  // namespace muonlab
