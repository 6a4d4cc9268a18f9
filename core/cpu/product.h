#pragma once

#include "core/cpu/bfloat16.h"
#include "core/shape.h"

namespace muonlab {

/// An operand within a larger matrix, or the transposed of one.
template <class T>
struct Operand {
  const T* data;
  Index stride;  // elements between the rows in memory
  bool transposed;
};

/// c = alpha a b, or c += alpha a b. The sums are float32.
template <class T>  // float or Bfloat16
struct Product {
  Operand<T> a;  // (m, k)
  Operand<T> b;  // (k, n)
  float* c;      // (m, n)
  Index c_stride;
  Index m, n, k;
  float alpha;
  bool add;
};

/// On this thread alone. core/cpu/product.cpp does it by Eigen, core/cpu/onednn/product.cpp, which
/// takes its place where CMake finds the library, by oneDNN.
void multiply(const Product<float>& product);
void multiply(const Product<Bfloat16>& product);

}  // namespace muonlab
