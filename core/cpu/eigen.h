#pragma once

#include <Eigen/Core>

#include "muonlab/core/tensor.h"

namespace muonlab {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixView = Eigen::Map<RowMajor>;
using ConstMatrixView = Eigen::Map<const RowMajor>;

/// Eigen views of a tensor, last axis as columns. Valid while the tensor lives.
inline MatrixView matrix(Tensor& t) { return {t.data(), t.shape().rows(), t.shape().columns()}; }
inline ConstMatrixView matrix(const Tensor& t) {
  return {t.data(), t.shape().rows(), t.shape().columns()};
}

}  // namespace muonlab
