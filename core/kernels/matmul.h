#pragma once

#include "muonlab/core/precision.h"
#include "muonlab/core/tensor.h"

namespace muonlab::kernel {

enum class Op { none, transpose };

/// c = alpha op(a) op(b) + beta d, for every matrix of a batch. Leading axes are the batch: they
/// agree in a, b and c, or b is a single matrix that serves all.
struct MatMul {
  const Tensor& a;  // (..., m, k), or (..., k, m) when transposed
  const Tensor& b;  // (..., k, n), or (..., n, k) when transposed
  Tensor& c;        // (..., m, n), overlaps no operand
  Op op_a = Op::none;
  Op op_b = Op::none;
  float alpha = 1;
  const Tensor* d = nullptr;  // as c, or (n): a row added to every row; null for none
  float beta = 1;
  bool symmetric = false;  // the caller knows that c is symmetric: half of it may be mirrored
  Precision precision = product_precision();

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
