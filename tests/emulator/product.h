#pragma once

#include <cstdint>

#include <cublas_v2.h>

namespace emulator {

/// A batch of matrices, at equal distances.
struct Matrices {
  const void* data;
  cudaDataType type;
  std::int64_t ld;
  long long stride = 0;  // in elements
};

struct Product {
  cublasOperation_t op_a;
  cublasOperation_t op_b;
  std::int64_t m, n, k;
  const float* alpha_at;
  Matrices a, b;
  const float* beta_at;
  Matrices c;
  std::int64_t batch = 1;
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  float alpha = 0;
  float beta = 0;
};

/// Whether the arguments are within their ranges.
bool has_values(const Product& p);
/// Whether cuBLAS has the product for these types.
bool is_supported(const Product& p);
/// Computes the product with this number in the batch; device memory is open.
void multiply(const Product& p, std::int64_t index);

}  // namespace emulator
