#include "core/cuda/runtime.h"

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/cuda/graph.h"
#include "core/cuda/launch.cuh"

namespace muonlab::cuda {
namespace {

std::string find_problem() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver) {
    int version = 0;
    cudaRuntimeGetVersion(&version);
    return "there is no NVIDIA driver for CUDA " + std::to_string(version / 1000) + "." +
           std::to_string(version % 1000 / 10) + " or later";
  }
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0))
    return "there is no GPU";
  return status == cudaSuccess ? "" : cudaGetErrorString(status);
}

/// Freed memory is kept for the next step: by default each synchronization would return it.
void keep_freed_memory() {
  cudaMemPool_t pool{};
  check_status(cudaDeviceGetDefaultMemPool(&pool, 0));
  std::uint64_t everything = UINT64_MAX;
  check_status(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &everything));
}

/// A new queue. It is never destroyed: arrays with static storage are freed after all else.
cudaStream_t make_stream() {
  const std::string reason = problem();
  check(reason.empty(), "cuda: ", reason);
  static std::once_flag once;
  std::call_once(once, keep_freed_memory);
  cudaStream_t stream{};
  check_status(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

/// While one lives, this thread may ask for memory although a stream is captured.
class RelaxedCapture {
 public:
  RelaxedCapture() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  ~RelaxedCapture() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  RelaxedCapture(const RelaxedCapture&) = delete;
  RelaxedCapture& operator=(const RelaxedCapture&) = delete;

 private:
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;  // then what it was before
};

/// `status`, unless it says that there is no memory left, which is no fault.
bool has_memory(cudaError_t status) {
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // else the next launch would report it
    return false;
  }
  check_status(status);
  return true;
}

}  // namespace

std::string problem() {
  static const std::string found = find_problem();
  return found;
}

std::string device_name() {
  cudaDeviceProp properties{};
  check_status(cudaGetDeviceProperties(&properties, 0));
  return properties.name;
}

cudaStream_t stream() {
  thread_local const cudaStream_t own = make_stream();
  return own;
}

void* allocate(std::size_t bytes) {
  void* block = nullptr;
  return has_memory(cudaMallocAsync(&block, bytes, stream())) ? block : nullptr;
}

void release(void* block) noexcept {
  if (!Graph::keep_until_recorded(block)) cudaFreeAsync(block, stream());
}

void* allocate_fixed(std::size_t bytes) {
  const RelaxedCapture relaxed;
  void* block = nullptr;
  return has_memory(cudaMalloc(&block, bytes)) ? block : nullptr;
}

void release_fixed(void* block) noexcept {
  const RelaxedCapture relaxed;
  cudaFree(block);
}

void copy(void* to, const void* from, std::size_t bytes) {
  check_status(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream()));
}

void synchronize() { check_status(cudaStreamSynchronize(stream())); }

void trim() {
  synchronize();
  cudaMemPool_t pool{};
  check_status(cudaDeviceGetDefaultMemPool(&pool, 0));
  check_status(cudaMemPoolTrimTo(pool, 0));
}

}  // namespace muonlab::cuda
