#include <cmath>
#include <cstdint>
#include <random>

#include <cublas_v2.h>
#include <cuda_bf16.h>

#include "tests/emulator/device.h"

namespace emulator::test {
namespace {

using Values = std::vector<float>;

struct Cublas {
  Cublas() { REQUIRE(cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS); }
  ~Cublas() { cublasDestroy(handle); }
  Cublas(const Cublas&) = delete;
  Cublas& operator=(const Cublas&) = delete;

  cublasHandle_t handle = nullptr;
};

Values random_values(std::size_t count) {
  static std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Values values(count);
  for (float& value : values) value = uniform(generator);
  return values;
}

float to_bfloat16(float x) { return __bfloat162float(__float2bfloat16_rn(x)); }

std::vector<__nv_bfloat16> to_bfloat16(const Values& x) {
  std::vector<__nv_bfloat16> result;
  for (const float value : x) result.push_back(__float2bfloat16_rn(value));
  return result;
}

/// C = op(A) op(B) + beta C in float32.
cublasStatus_t multiply(const Cublas& cublas, cublasOperation_t op, int m, int n, int k,
                        const float* a, int lda, const float* b, int ldb, float beta, float* c,
                        int ldc) {
  const float one = 1;
  return cublasGemmEx_64(cublas.handle, op, op, m, n, k, &one, a, CUDA_R_32F, lda, b, CUDA_R_32F,
                         ldb, &beta, c, CUDA_R_32F, ldc, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
}

struct Case {
  cublasOperation_t op_a;
  cublasOperation_t op_b;
  int m, n, k;
};

constexpr int gap = 3;  // elements after each column

int rows_of_a(const Case& c) { return c.op_a == CUBLAS_OP_N ? c.m : c.k; }
int columns_of_a(const Case& c) { return c.op_a == CUBLAS_OP_N ? c.k : c.m; }
int rows_of_b(const Case& c) { return c.op_b == CUBLAS_OP_N ? c.k : c.n; }
int columns_of_b(const Case& c) { return c.op_b == CUBLAS_OP_N ? c.n : c.k; }

/// The element (i, j) of op(A) op(B), where the arrays begin.
double element(const Case& c, const float* a, const float* b, int i, int j) {
  const int lda = rows_of_a(c) + gap;
  const int ldb = rows_of_b(c) + gap;
  double sum = 0;
  for (int p = 0; p < c.k; ++p) {
    const float left = c.op_a == CUBLAS_OP_N ? a[i + p * lda] : a[p + i * lda];
    const float right = c.op_b == CUBLAS_OP_N ? b[p + j * ldb] : b[j + p * ldb];
    sum += double{left} * right;
  }
  return sum;
}

constexpr Case cases[] = {
    {CUBLAS_OP_N, CUBLAS_OP_N, 5, 7, 11}, {CUBLAS_OP_T, CUBLAS_OP_N, 5, 7, 11},
    {CUBLAS_OP_N, CUBLAS_OP_T, 5, 7, 11}, {CUBLAS_OP_T, CUBLAS_OP_C, 5, 7, 11},
    {CUBLAS_OP_N, CUBLAS_OP_N, 1, 9, 1},  {CUBLAS_OP_T, CUBLAS_OP_T, 9, 1, 33},
};

TEST_CASE("products agree with the definition, in batches and with gaps") {
  const Cublas cublas;
  constexpr int batch = 3;
  for (const Case& c : cases) {
    const int lda = rows_of_a(c) + gap;
    const int ldb = rows_of_b(c) + gap;
    const int ldc = c.m + gap;
    const auto stride_a = std::int64_t{lda} * columns_of_a(c);
    const auto stride_b = std::int64_t{ldb} * columns_of_b(c);
    const auto stride_c = std::int64_t{ldc} * c.n;
    const Values a = random_values(static_cast<std::size_t>(stride_a * batch));
    const Values b = random_values(static_cast<std::size_t>(stride_b * batch));
    const Values before = random_values(static_cast<std::size_t>(stride_c * batch));
    const Array<float> on_a(a);
    const Array<float> on_b(b);
    const Array<float> on_c(before);
    const float alpha = 2;
    const float beta = 0.5F;
    REQUIRE(cublasGemmStridedBatchedEx_64(cublas.handle, c.op_a, c.op_b, c.m, c.n, c.k, &alpha,
                                          on_a.data(), CUDA_R_32F, lda, stride_a, on_b.data(),
                                          CUDA_R_32F, ldb, stride_b, &beta, on_c.data(), CUDA_R_32F,
                                          ldc, stride_c, batch, CUBLAS_COMPUTE_32F,
                                          CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS);
    const Values after = on_c.values();
    for (std::int64_t e = 0; e < stride_c * batch; ++e) {
      const std::int64_t item = e / stride_c;
      const auto i = static_cast<int>(e % ldc);
      const auto j = static_cast<int>(e % stride_c / ldc);
      const float was = before[static_cast<std::size_t>(e)];
      const float is = after[static_cast<std::size_t>(e)];
      if (i >= c.m) {
        CHECK(is == was);
        continue;
      }
      const double product =
          element(c, a.data() + item * stride_a, b.data() + item * stride_b, i, j);
      CHECK(is == doctest::Approx(2 * product + 0.5 * was));
    }
  }
}

TEST_CASE("products of bfloat16 numbers round their result only when that is bfloat16") {
  const Cublas cublas;
  const Values a = random_values(6);
  const Values b = random_values(6);
  const Array<float> floats_a(a);
  const Array<float> floats_b(b);
  const Array<__nv_bfloat16> halves_a(to_bfloat16(a));
  const Array<__nv_bfloat16> halves_b(to_bfloat16(b));
  double expected = 0;
  for (std::size_t i = 0; i < 6; ++i) expected += double{to_bfloat16(a[i])} * to_bfloat16(b[i]);
  const float one = 1;
  const float zero = 0;
  const auto product = [&](const void* x, cudaDataType type_x, const void* y, cudaDataType type_y,
                           void* to, cudaDataType type_to) {
    return cublasGemmEx_64(cublas.handle, CUBLAS_OP_T, CUBLAS_OP_N, 1, 1, 6, &one, x, type_x, 6, y,
                           type_y, 6, &zero, to, type_to, 1, CUBLAS_COMPUTE_32F,
                           CUBLAS_GEMM_DEFAULT);
  };
  const Array<float> c(2);
  const Array<__nv_bfloat16> half(1);
  CHECK(product(halves_a.data(), CUDA_R_16BF, halves_b.data(), CUDA_R_16BF, c.data(), CUDA_R_32F) ==
        CUBLAS_STATUS_SUCCESS);
  CHECK(product(floats_a.data(), CUDA_R_32F, floats_b.data(), CUDA_R_32F, c.data() + 1,
                CUDA_R_32F) == CUBLAS_STATUS_SUCCESS);
  CHECK(product(halves_a.data(), CUDA_R_16BF, halves_b.data(), CUDA_R_16BF, half.data(),
                CUDA_R_16BF) == CUBLAS_STATUS_SUCCESS);
  CHECK(c.values()[0] == static_cast<float>(expected));
  CHECK(c.values()[1] != static_cast<float>(expected));
  CHECK(__bfloat162float(half.values()[0]) == to_bfloat16(static_cast<float>(expected)));
  CHECK(product(halves_a.data(), CUDA_R_16BF, floats_b.data(), CUDA_R_32F, c.data(), CUDA_R_32F) ==
        CUBLAS_STATUS_NOT_SUPPORTED);
}

TEST_CASE("beta 0 does not read what lies in C, and k 0 makes zeros") {
  const Cublas cublas;
  const Array<float> a(Values{2});
  const Array<float> c(1);
  for (const int k : {1, 0}) {
    REQUIRE(multiply(cublas, CUBLAS_OP_N, 1, 1, k, a.data(), 1, a.data(), 1, 0, c.data(), 1) ==
            CUBLAS_STATUS_SUCCESS);
    CHECK(c.values()[0] == (k == 1 ? 4 : 0));
  }
}

TEST_CASE("wrong sizes are refused, and matrices beyond their memory are fatal") {
  const Cublas cublas;
  const Array<float> x(12);
  const auto product = [&](cublasOperation_t op, int m, int n, int k, int lda, int ldb, int ldc) {
    return multiply(cublas, op, m, n, k, x.data(), lda, x.data(), ldb, 1, x.data(), ldc);
  };
  CHECK(product(CUBLAS_OP_N, 2, 2, 3, 1, 3, 2) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product(CUBLAS_OP_N, 2, 2, 3, 2, 2, 2) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product(CUBLAS_OP_N, 2, 2, 3, 2, 3, 1) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product(CUBLAS_OP_T, 2, 2, 3, 2, 3, 2) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product(CUBLAS_OP_N, -1, 2, 3, 2, 3, 2) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product(CUBLAS_OP_N, 0, 0, 0, 0, 1, 1) == CUBLAS_STATUS_INVALID_VALUE);
  CHECK(product(CUBLAS_OP_N, 0, 0, 0, 1, 1, 1) == CUBLAS_STATUS_SUCCESS);
  const std::string death = death_of([&] { (void)product(CUBLAS_OP_N, 2, 2, 7, 2, 7, 2); });
  CHECK(death.find("A of product 0, 2 x 7 with leading dimension 2, is not within a block") !=
        std::string::npos);
  CHECK(cublasSetWorkspace(cublas.handle, x.data(), 48) == CUBLAS_STATUS_SUCCESS);
  CHECK(cublasSetWorkspace(cublas.handle, x.data() + 1, 44) == CUBLAS_STATUS_INVALID_VALUE);
}

}  // namespace
}  // namespace emulator::test
