#pragma once

#include "muonlab/core/cpu/bfloat16.h"
#include "muonlab/core/shape.h"

namespace muonlab {

/// c = a b, of dense row-major matrices; the sums are float32.
template <class T>  // float or Bfloat16
struct Product {
  const T* a;     // (m, k), or (k, m) when transposed
  const T* b;     // (k, n), or (n, k) when transposed
  float* c;       // (m, n)
  Index m, n, k;  // none is 0
  bool a_transposed;
  bool b_transposed;
};

/// Multiplies on this thread alone. core/cpu/product.cpp uses Eigen; where CMake finds oneDNN,
/// core/cpu/onednn/product.cpp takes its place. For bfloat16 only where that is
/// fastest_precision().
void multiply(const Product<float>& product);
void multiply(const Product<Bfloat16>& product);

}  // namespace muonlab
