#include "muonlab/core/cuda/runtime.h"

#include <cstdint>
#include <mutex>

#include "muonlab/core/cuda/graph.h"
#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::cuda {
namespace {

__global__ void do_nothing() {}

/// Why the GPU cannot run this build's kernels; empty when it can.
std::string find_missing_code() {
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, do_nothing);
  if (status == cudaSuccess) return "";
  cudaDeviceProp properties{};
  check_status(cudaGetDeviceProperties(&properties, 0));
  return "this build has no code for " + std::string(properties.name) + ", compute capability " +
         std::to_string(properties.major) + "." + std::to_string(properties.minor) + " (" +
         cudaGetErrorString(status) + "), see CMAKE_CUDA_ARCHITECTURES";
}

std::string find_problem() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver) {  // or there is no driver
    int driver = 0;
    int version = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&version);
    if (driver == 0) return "there is no NVIDIA driver";
    return "the NVIDIA driver is older than CUDA " + std::to_string(version / 1000) + "." +
           std::to_string(version % 1000 / 10);
  }
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0))
    return "there is no GPU";
  return status == cudaSuccess ? find_missing_code() : cudaGetErrorString(status);
}

/// Lets CUDA keep freed memory for the next step: by default each synchronization returns it to the
/// system.
void keep_freed_memory() {
  cudaMemPool_t pool{};
  check_status(cudaDeviceGetDefaultMemPool(&pool, 0));
  std::uint64_t everything = UINT64_MAX;
  check_status(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &everything));
}

/// A new queue, never destroyed, because arrays with static storage are freed after all else.
cudaStream_t make_stream() {
  const std::string reason = problem();
  check(reason.empty(), "cuda: ", reason);
  static std::once_flag once;
  std::call_once(once, keep_freed_memory);
  cudaStream_t stream{};
  check_status(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream;
}

/// A scope in which this thread may allocate memory although a queue is recorded.
class RelaxedCapture {
 public:
  RelaxedCapture() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  ~RelaxedCapture() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  RelaxedCapture(const RelaxedCapture&) = delete;
  RelaxedCapture& operator=(const RelaxedCapture&) = delete;

 private:
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;  // then the previous mode
};

/// The block from `ask(&block)`. When there is no memory left, asks again after trim(), since
/// CUDA's pool may keep it in blocks of other sizes; null when that fails too.
template <class Ask>
void* get_memory(const Ask& ask) {
  void* block = nullptr;
  cudaError_t status = ask(&block);
  if (status == cudaErrorMemoryAllocation && !Graph::is_recording()) {
    trim();
    status = ask(&block);
  }
  if (status == cudaErrorMemoryAllocation) return nullptr;
  check_status(status);
  return block;
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
  return get_memory([bytes](void** block) { return cudaMallocAsync(block, bytes, stream()); });
}

void release(void* block) noexcept {
  if (Graph::is_recording()) return Graph::keep_until_recorded(block);
  try {
    cudaFreeAsync(block, stream());
  } catch (const Error&) {  // stream() throws on a thread without a queue when the GPU has failed
  }
}

void* allocate_fixed(std::size_t bytes) {
  const RelaxedCapture relaxed;
  return get_memory([bytes](void** block) { return cudaMalloc(block, bytes); });
}

void release_fixed(void* block) noexcept {
  const RelaxedCapture relaxed;
  cudaFree(block);
}

void copy(void* to, const void* from, std::size_t bytes) {
  check_status(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream()));
}

void check_may_wait() {
  check(!Graph::is_recording(),
        "replay: what is recorded cannot read a number from the GPU, move an array to or from it, "
        "or wait for it; do that before or after the replay");
}

void synchronize() {
  check_may_wait();
  check_status(cudaStreamSynchronize(stream()));
}

void trim() {
  synchronize();
  cudaMemPool_t pool{};
  check_status(cudaDeviceGetDefaultMemPool(&pool, 0));
  check_status(cudaMemPoolTrimTo(pool, 0));
}

}  // namespace muonlab::cuda
