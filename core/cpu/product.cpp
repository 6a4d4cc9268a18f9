#include "core/cpu/product.h"

#include <type_traits>

#include <Eigen/Core>

#include "core/precision.h"

namespace muonlab {
namespace {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using View = Eigen::Map<const Matrix<T>, 0, Eigen::OuterStride<>>;

View<float> view(const Operand<float>& x, Index rows, Index columns) {
  return {x.data, rows, columns, Eigen::OuterStride<>(x.stride)};
}

/// Rounded already, and float32 from here on: Eigen's own bfloat16 products add in bfloat16.
Matrix<float> view(const Operand<Bfloat16>& x, Index rows, Index columns) {
  const auto* data = reinterpret_cast<const Eigen::bfloat16*>(x.data);
  return View<Eigen::bfloat16>(data, rows, columns, Eigen::OuterStride<>(x.stride)).cast<float>();
}

template <class T>
void multiply_by_eigen(const Product<T>& p) {
  Eigen::Map<Matrix<float>, 0, Eigen::OuterStride<>> c(p.c, p.m, p.n,
                                                       Eigen::OuterStride<>(p.c_stride));
  if (!p.add) c.setZero();
  const auto multiply = [&p, &c](const auto& a, const auto& b) {
    if (p.alpha == 1) {
      c.noalias() += a * b;
    } else {
      c.noalias() += p.alpha * (a * b);
    }
  };
  const auto a = p.a.transposed ? view(p.a, p.k, p.m) : view(p.a, p.m, p.k);
  const auto b = p.b.transposed ? view(p.b, p.n, p.k) : view(p.b, p.k, p.n);
  if (!p.a.transposed && !p.b.transposed) multiply(a, b);
  if (p.a.transposed && !p.b.transposed) multiply(a.transpose(), b);
  if (!p.a.transposed && p.b.transposed) multiply(a, b.transpose());
  if (p.a.transposed && p.b.transposed) multiply(a.transpose(), b.transpose());
}

}  // namespace

void multiply(const Product<float>& product) { multiply_by_eigen(product); }
void multiply(const Product<Bfloat16>& product) { multiply_by_eigen(product); }

Precision fastest_precision() { return Precision::float32; }

std::string product_library() {
  return "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
         std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION);
}

}  // namespace muonlab
