#include <cublas_v2.h>

#include "tests/emulator/arena.h"
#include "tests/emulator/machine.h"
#include "tests/emulator/product.h"
#include "tests/emulator/stream.h"

using namespace emulator;

struct cublasContext {
  cudaStream_t stream = nullptr;
};

namespace {

Handles<cublasContext>& handles() { return immortal<Handles<cublasContext>>(); }

cublasStatus_t run(cublasHandle_t handle, Product p) {
  const Lock lock;
  if (!handles().has(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (!has_values(p)) return CUBLAS_STATUS_INVALID_VALUE;
  if (!is_supported(p)) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (p.m == 0 || p.n == 0 || p.batch == 0) return CUBLAS_STATUS_SUCCESS;
  if (p.batch > 1 && p.c.stride < (p.n - 1) * p.c.ld + p.m) {
    die("cublas: the matrices C of a batch overlap");
  }
  if (arena().contains(p.alpha_at) || arena().contains(p.beta_at)) {
    die("cublas: alpha and beta are expected on the host");
  }
  p.alpha = *p.alpha_at;
  p.beta = *p.beta_at;
  const cudaError_t error = submit(handle->stream, [p] {
    ++counters().products;
    for (std::int64_t i = 0; i < p.batch; ++i) multiply(p, i);
  });
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

const float* scalar(const void* pointer) { return static_cast<const float*>(pointer); }

}  // namespace

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  const Lock lock;
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  if (refuse_unsafe_call() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = handles().add({});
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  const Lock lock;
  return handles().remove(handle) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  const Lock lock;
  if (!handles().has(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, std::size_t bytes) {
  const Lock lock;
  if (!handles().has(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (bytes == 0) return CUBLAS_STATUS_SUCCESS;
  const bool aligned = reinterpret_cast<std::uintptr_t>(workspace) % 256 == 0;
  const bool held = arena().holds(workspace, bytes);
  return aligned && held ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

const char* cublasGetStatusString(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "success";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "the library was not initialized";
    case CUBLAS_STATUS_INVALID_VALUE: return "an unsupported value or parameter was passed";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "the function failed to launch on the GPU";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "the functionality is not supported";
  }
  return "an unknown status";
}

cublasStatus_t cublasGemmEx_64(cublasHandle_t handle, cublasOperation_t op_a,
                               cublasOperation_t op_b, std::int64_t m, std::int64_t n,
                               std::int64_t k, const void* alpha, const void* a,
                               cudaDataType type_a, std::int64_t lda, const void* b,
                               cudaDataType type_b, std::int64_t ldb, const void* beta, void* c,
                               cudaDataType type_c, std::int64_t ldc, cublasComputeType_t compute,
                               cublasGemmAlgo_t /*algorithm*/) {
  return run(handle, {op_a,
                      op_b,
                      m,
                      n,
                      k,
                      scalar(alpha),
                      {a, type_a, lda},
                      {b, type_b, ldb},
                      scalar(beta),
                      {c, type_c, ldc},
                      1,
                      compute});
}

cublasStatus_t cublasGemmStridedBatchedEx_64(
    cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, std::int64_t m,
    std::int64_t n, std::int64_t k, const void* alpha, const void* a, cudaDataType type_a,
    std::int64_t lda, long long stride_a, const void* b, cudaDataType type_b, std::int64_t ldb,
    long long stride_b, const void* beta, void* c, cudaDataType type_c, std::int64_t ldc,
    long long stride_c, std::int64_t batch, cublasComputeType_t compute,
    cublasGemmAlgo_t /*algorithm*/) {
  return run(handle, {op_a,
                      op_b,
                      m,
                      n,
                      k,
                      scalar(alpha),
                      {a, type_a, lda, stride_a},
                      {b, type_b, ldb, stride_b},
                      scalar(beta),
                      {c, type_c, ldc, stride_c},
                      batch,
                      compute});
}
