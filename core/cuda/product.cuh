#pragma once

#include <memory>

#include "muonlab/core/kernels/matmul.h"

namespace muonlab::cuda {

/// Row-major matrices of a batch, `step` elements apart (0: one matrix for all products), with rows
/// `stride` elements apart.
struct Matrices {
  const void* data;
  Index stride;
  Index step;
  bool transposed = false;
  Precision elements = Precision::float32;  // bfloat16: rounded already, for a bfloat16 product
};

/// A copy of `count` numbers in bfloat16, ties to even. Unless `copy` is null, the same pass also
/// copies the floats to it.
std::shared_ptr<void> to_bfloat16(const float* numbers, Index count, float* copy = nullptr);

/// c = alpha op(a) op(b) + beta c for `batch` products (m, k) times (k, n), by cuBLAS. In bfloat16
/// the operands are rounded first, and sums and c are float32. c's rows lie end to end, its
/// matrices `c_step` apart.
struct Product {
  Index m, n, k;
  Matrices a;
  Matrices b;
  float* c;
  Index c_step = 0;
  Index batch = 1;
  float alpha = 1;
  float beta = 0;
  Precision precision = Precision::float32;

  void run() const;
};

}  // namespace muonlab::cuda
