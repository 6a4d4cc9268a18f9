#include <cstdlib>
#include <cstring>
#include <map>

#include "tests/emulator/arena.h"
#include "tests/emulator/machine.h"
#include "tests/emulator/stream.h"

using namespace emulator;

struct CUmemPoolHandle_st {};

namespace {

CUmemPoolHandle_st default_pool;

using Pinned = std::map<const char*, std::size_t>;  // the bytes of each block

Pinned& pinned() { return immortal<Pinned>(); }

bool is_pinned(const void* address, std::size_t bytes) {
  const auto* const first = static_cast<const char*>(address);
  auto next = pinned().upper_bound(first);
  if (next == pinned().begin()) return false;
  --next;
  const auto offset = static_cast<std::size_t>(first - next->first);
  return offset <= next->second && bytes <= next->second - offset;
}

cudaError_t take(void** memory, std::size_t bytes) {
  if (memory == nullptr || bytes == 0) return cudaErrorInvalidValue;
  *memory = arena().allocate(bytes);
  if (*memory == nullptr) return cudaErrorMemoryAllocation;
  ++counters().allocations;
  return cudaSuccess;
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

cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  const Lock lock;
  const cudaError_t error = refuse_unsafe_call();
  if (error != cudaSuccess) return report(error);
  if (memory == nullptr || bytes == 0) return report(cudaErrorInvalidValue);
  *memory = std::malloc(bytes);
  if (*memory == nullptr) return report(cudaErrorMemoryAllocation);
  pinned()[static_cast<char*>(*memory)] = bytes;
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* memory) {
  const Lock lock;
  const cudaError_t error = refuse_unsafe_call();
  if (error != cudaSuccess || memory == nullptr) return report(error);
  if (pinned().erase(static_cast<char*>(memory)) == 0) return report(cudaErrorInvalidValue);
  std::free(memory);
  return cudaSuccess;
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
  const void* const host = leads == cudaMemcpyHostToDevice ? from : to;
  if (leads != cudaMemcpyDeviceToDevice && !is_pinned(host, bytes)) {
    const cudaError_t error = refuse_in_capture(stream);  // such a copy waits
    if (error != cudaSuccess) return report(error);
  }
  return report(submit(stream, [to, from, bytes, leads] {
    if (direction(to, from, bytes) != leads) die("a graph copies memory that was freed");
    std::memcpy(to, from, bytes);
    count(leads);
  }));
}

cudaError_t cudaMemsetAsync(void* memory, int byte, std::size_t bytes, cudaStream_t stream) {
  const Lock lock;
  if (bytes > 0 && !arena().holds(memory, bytes)) return report(cudaErrorInvalidValue);
  return report(submit(stream, [memory, byte, bytes] {
    if (bytes == 0) return;
    if (!arena().holds(memory, bytes)) die("a graph fills memory that was freed");
    std::memset(memory, byte, bytes);
    ++counters().memsets;
  }));
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const Lock lock;
  if (free == nullptr || total == nullptr) return report(cudaErrorInvalidValue);
  *total = Arena::capacity;
  *free = Arena::capacity - arena().used();
  return cudaSuccess;
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
