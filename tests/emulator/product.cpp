#include "tests/emulator/product.h"

#include <algorithm>
#include <vector>

#include <cuda_bf16.h>

#include "tests/emulator/arena.h"
#include "tests/emulator/gemm.h"
#include "tests/emulator/machine.h"

namespace emulator {
namespace {

std::size_t size_of(cudaDataType type) { return type == CUDA_R_32F ? 4 : 2; }

/// The address of the i-th matrix; aborts when not all of it is in a living block.
char* locate(const Matrices& x, std::int64_t i, std::int64_t rows, std::int64_t columns,
             const char* name) {
  const char* const data =
      static_cast<const char*>(x.data) + i * x.stride * static_cast<std::int64_t>(size_of(x.type));
  const auto elements = static_cast<std::size_t>((columns - 1) * x.ld + rows);
  if (!arena().holds(data, elements * size_of(x.type))) {
    die("cublas: ", name, " of product ", i, ", ", rows, " x ", columns, " with leading dimension ",
        x.ld, ", is not within a block of device memory");
  }
  return const_cast<char*>(data);
}

float read(const char* matrix, cudaDataType type, std::int64_t i) {
  if (type == CUDA_R_32F) return reinterpret_cast<const float*>(matrix)[i];
  return __bfloat162float(reinterpret_cast<const __nv_bfloat16*>(matrix)[i]);
}

void write(char* matrix, cudaDataType type, std::int64_t i, float value) {
  if (type == CUDA_R_32F) {
    reinterpret_cast<float*>(matrix)[i] = value;
  } else {
    reinterpret_cast<__nv_bfloat16*>(matrix)[i] = __float2bfloat16_rn(value);
  }
}

/// op(X), rows x columns, column-major and without gaps.
std::vector<float> pack(const Matrices& x, std::int64_t index, cublasOperation_t op,
                        std::int64_t rows, std::int64_t columns, const char* name) {
  std::vector<float> packed(static_cast<std::size_t>(rows * columns));
  const bool plain = op == CUBLAS_OP_N;
  const char* const from = locate(x, index, plain ? rows : columns, plain ? columns : rows, name);
  for (std::int64_t j = 0; j < columns; ++j) {
    for (std::int64_t i = 0; i < rows; ++i) {
      packed[static_cast<std::size_t>(i + j * rows)] =
          read(from, x.type, plain ? i + j * x.ld : j + i * x.ld);
    }
  }
  return packed;
}

bool is_operation(cublasOperation_t op) { return op >= CUBLAS_OP_N && op <= CUBLAS_OP_C; }

}  // namespace

bool has_values(const Product& p) {
  const std::int64_t rows_a = p.op_a == CUBLAS_OP_N ? p.m : p.k;
  const std::int64_t rows_b = p.op_b == CUBLAS_OP_N ? p.k : p.n;
  return is_operation(p.op_a) && is_operation(p.op_b) && p.m >= 0 && p.n >= 0 && p.k >= 0 &&
         p.batch >= 0 && p.alpha_at != nullptr && p.beta_at != nullptr &&
         p.a.ld >= std::max<std::int64_t>(1, rows_a) &&
         p.b.ld >= std::max<std::int64_t>(1, rows_b) && p.c.ld >= std::max<std::int64_t>(1, p.m);
}

bool is_supported(const Product& p) {
  const bool of_floats = p.a.type == CUDA_R_32F && p.c.type == CUDA_R_32F;
  return p.compute == CUBLAS_COMPUTE_32F && p.a.type == p.b.type &&
         (of_floats || p.a.type == CUDA_R_16BF);
}

void multiply(const Product& p, std::int64_t index) {
  char* const c = locate(p.c, index, p.m, p.n, "C");
  std::vector<double> sums(static_cast<std::size_t>(p.m * p.n));
  if (p.k > 0) {
    const auto a = pack(p.a, index, p.op_a, p.m, p.k, "A");
    const auto b = pack(p.b, index, p.op_b, p.k, p.n, "B");
    add_product(p.m, p.n, p.k, a.data(), b.data(), sums.data());
  }
  for (std::int64_t j = 0; j < p.n; ++j) {
    for (std::int64_t i = 0; i < p.m; ++i) {
      double sum = p.alpha * sums[static_cast<std::size_t>(i + j * p.m)];
      const std::int64_t at = i + j * p.c.ld;
      if (p.beta != 0) sum += double{p.beta} * read(c, p.c.type, at);  // else C may be unwritten
      write(c, p.c.type, at, static_cast<float>(sum));
    }
  }
}

}  // namespace emulator
