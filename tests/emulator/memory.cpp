#include <cstring>

#include "tests/emulator/arena.h"
#include "tests/emulator/machine.h"
#include "tests/emulator/stream.h"

using namespace emulator;

struct CUmemPoolHandle_st {};

namespace {

CUmemPoolHandle_st default_pool;

cudaError_t take(void** memory, std::size_t bytes) {
  if (memory == nullptr || bytes == 0) return cudaErrorInvalidValue;
  *memory = arena().allocate(bytes);
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

cudaError_t give_back(void* memory) {
  return memory == nullptr || arena().free(memory) ? cudaSuccess : cudaErrorInvalidValue;
}

/// Where the copy leads; cudaMemcpyDefault when the pointers do not agree with that.
cudaMemcpyKind direction(const void* to, const void* from, std::size_t bytes) {
  const bool to_device = arena().contains(to);
  const bool from_device = arena().contains(from);
  if (to_device && !arena().holds(to, bytes)) return cudaMemcpyDefault;
  if (from_device && !arena().holds(from, bytes)) return cudaMemcpyDefault;
  if (to_device) return from_device ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice;
  return from_device ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
}

void count(cudaMemcpyKind kind) {
  if (kind == cudaMemcpyHostToDevice) ++counters().copies_to_device;
  if (kind == cudaMemcpyDeviceToHost) ++counters().copies_to_host;
  if (kind == cudaMemcpyDeviceToDevice) ++counters().copies_on_device;
}

bool overlap(const void* a, const void* b, std::size_t bytes) {
  const auto* const first = static_cast<const char*>(a);
  const auto* const second = static_cast<const char*>(b);
  return first < second + bytes && second < first + bytes;
}

}  // namespace

cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t stream) {
  const Lock lock;
  const cudaError_t error = refuse_in_capture(stream);
  return report(error == cudaSuccess ? take(memory, bytes) : error);
}

cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  const Lock lock;
  const cudaError_t error = refuse_in_capture(stream);
  return report(error == cudaSuccess ? give_back(memory) : error);
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  const Lock lock;
  const cudaError_t error = refuse_unsafe_call();
  return report(error == cudaSuccess ? take(memory, bytes) : error);
}

cudaError_t cudaFree(void* memory) {
  const Lock lock;
  const cudaError_t error = refuse_unsafe_call();
  return report(error == cudaSuccess ? give_back(memory) : error);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const Lock lock;
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return report(cudaErrorInvalidMemcpyDirection);
  }
  if (bytes == 0) return report(submit(stream, [] {}));
  const cudaMemcpyKind leads = direction(to, from, bytes);
  if (leads == cudaMemcpyDefault || (kind != cudaMemcpyDefault && kind != leads)) {
    return report(cudaErrorInvalidValue);
  }
  if (overlap(to, from, bytes)) return report(cudaErrorInvalidValue);
  if (leads != cudaMemcpyDeviceToDevice) {
    const cudaError_t error = refuse_in_capture(stream);  // such a copy may wait
    if (error != cudaSuccess) return report(error);
  }
  return report(submit(stream, [to, from, bytes, leads] {
    if (direction(to, from, bytes) != leads) die("a graph copies memory that was freed");
    std::memcpy(to, from, bytes);
    count(leads);
  }));
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  if (device != 0) return report(cudaErrorInvalidDevice);
  if (pool == nullptr) return report(cudaErrorInvalidValue);
  *pool = &default_pool;
  return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  const bool known = attribute == cudaMemPoolAttrReleaseThreshold;
  if (pool != &default_pool || !known || value == nullptr) return report(cudaErrorInvalidValue);
  return cudaSuccess;
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, std::size_t /*bytes_to_keep*/) {
  return report(pool == &default_pool ? cudaSuccess : cudaErrorInvalidValue);
}
