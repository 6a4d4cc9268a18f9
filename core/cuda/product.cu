#include "muonlab/core/cuda/product.cuh"

#include <memory>
#include <utility>

#include <cublas_v2.h>
#include <cuda_bf16.h>

#include "muonlab/core/cuda/launch.cuh"
#include "muonlab/core/cuda/runtime.h"

namespace muonlab::cuda {
namespace {

void check_blas(cublasStatus_t status, const char* file = __builtin_FILE(),
                int line = __builtin_LINE()) {
  if (status == CUBLAS_STATUS_SUCCESS) [[likely]]
    return;
  check(false, "cublas: ", cublasGetStatusString(status), " at ", file, ':', line);
}

/// A handle for this thread's queue. A workspace of its own makes results equal from run to run,
/// and lets its products be recorded. Like the queue, it is never destroyed.
cublasHandle_t make_handle() {
  cublasHandle_t handle{};
  check_blas(cublasCreate(&handle));
  check_blas(cublasSetStream(handle, stream()));
  constexpr std::size_t workspace_bytes = std::size_t{32} << 20;  // what cuBLAS asks for on Hopper
  void* workspace = allocate_fixed(workspace_bytes);
  check<MemoryError>(workspace != nullptr, "cublas: no memory for a workspace of ", workspace_bytes,
                     " bytes");
  check_blas(cublasSetWorkspace(handle, workspace, workspace_bytes));
  return handle;
}

cublasHandle_t handle() {
  thread_local const cublasHandle_t own = make_handle();
  return own;
}

/// An operand in bfloat16; (rows, columns) is its shape after its transposition.
std::shared_ptr<const void> in_bfloat16(const Matrices& x, Index rows, Index columns, Index batch) {
  if (x.elements == Precision::bfloat16) return {std::shared_ptr<void>(), x.data};
  if (x.transposed) std::swap(rows, columns);
  const Index count = (batch - 1) * x.step + (rows - 1) * x.stride + columns;
  return to_bfloat16(static_cast<const float*>(x.data), count);
}

/// alpha a b + beta c by cuBLAS, which reads matrices column by column. Read like that, our
/// row-major c is c^T, and c^T = op(b)^T op(a)^T: so the operands change places, and nothing is
/// copied.
void multiply(const Product& p, const void* a, const void* b, cudaDataType type) {
  const auto op = [](const Matrices& x) { return x.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  if (p.batch == 1) {  // cuBLAS has more algorithms for it, such as sums in pieces
    check_blas(cublasGemmEx_64(handle(), op(p.b), op(p.a), p.n, p.m, p.k, &p.alpha, b, type,
                               p.b.stride, a, type, p.a.stride, &p.beta, p.c, CUDA_R_32F, p.n,
                               CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
    return;
  }
  check_blas(cublasGemmStridedBatchedEx_64(handle(), op(p.b), op(p.a), p.n, p.m, p.k, &p.alpha, b,
                                           type, p.b.stride, p.b.step, a, type, p.a.stride,
                                           p.a.step, &p.beta, p.c, CUDA_R_32F, p.n, p.c_step,
                                           p.batch, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
}

}  // namespace

std::shared_ptr<void> to_bfloat16(const float* numbers, Index count, float* copy) {
  auto memory =
      memory::allocate(static_cast<std::size_t>(count) * sizeof(__nv_bfloat16), Device::cuda);
  auto* to = static_cast<__nv_bfloat16*>(memory.get());
  for_each(count, [=] __device__(Index i) {
    const float number = numbers[i];
    to[i] = __float2bfloat16_rn(number);
    if (copy != nullptr) copy[i] = number;
  });
  return memory;
}

void Product::run() const {
  if (m == 0 || n == 0 || batch == 0) return;
  if (k == 0) {  // cuBLAS refuses rows without elements
    const Index size = m * n;
    for_each(batch * size, [size, p = *this] __device__(Index i) {
      float& value = p.c[i / size * p.c_step + i % size];
      value = p.beta == 0 ? 0 : p.beta * value;
    });
    return;
  }
  if (precision == Precision::float32) return multiply(*this, a.data, b.data, CUDA_R_32F);
  const auto bf16_a = in_bfloat16(a, m, k, batch);
  const bool same = a.data == b.data && a.step == b.step && a.stride == b.stride && m == n;
  const auto bf16_b = same ? bf16_a : in_bfloat16(b, k, n, batch);
  multiply(*this, bf16_a.get(), bf16_b.get(), CUDA_R_16BF);
}

}  // namespace muonlab::cuda
