#include "tests/emulator/machine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "tests/emulator/arena.h"
#include "tests/emulator/grid.h"
#include "tests/emulator/stream.h"

namespace emulator {
namespace {

thread_local cudaError_t last_error = cudaSuccess;

std::recursive_mutex& mutex() { return immortal<std::recursive_mutex>(); }

bool fits(const dim3& size, const dim3& most) {
  return size.x >= 1 && size.x <= most.x && size.y >= 1 && size.y <= most.y && size.z >= 1 &&
         size.z <= most.z;
}

struct Name {
  cudaError_t error;
  const char* name;
  const char* text;
};

constexpr Name names[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "no direction of a copy"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver", "no driver"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no device"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState", "not in a state that allows this"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "operation not permitted when stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "the default stream would wait for a capturing stream"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "capture was begun by another thread"},
};

const Name* find(cudaError_t error) {
  return std::find_if(std::begin(names), std::end(names),
                      [error](const Name& name) { return name.error == error; });
}

}  // namespace

void die(const std::string& message) {
  std::fprintf(stderr, "emulated CUDA device: %s\n", message.c_str());
  std::abort();
}

Lock::Lock() : guard_(mutex()) {
  if (in_kernel()) die("a kernel calls the runtime");
}

cudaError_t report(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

Counts& counters() { return immortal<Counts>(); }

Counts counts() {
  const Lock lock;
  return counters();
}

cudaError_t launch(const cudaLaunchConfig_t* config, std::function<void()> thread) {
  const Lock lock;
  if (config == nullptr) return report(cudaErrorInvalidValue);
  const dim3 grid = config->gridDim;
  const dim3 block = config->blockDim;
  const bool fitting = fits(grid, {0x7FFFFFFF, 65535, 65535}) && fits(block, {1024, 1024, 64}) &&
                       block.x * block.y * block.z <= 1024;
  if (!fitting) return report(cudaErrorInvalidConfiguration);
  if (config->dynamicSmemBytes != 0 || config->numAttrs != 0) return report(cudaErrorNotSupported);
  return report(submit(config->stream, [grid, block, thread = std::move(thread)] {
    ++counters().launches;
    run_grid(grid, block, thread);
  }));
}

}  // namespace emulator

using namespace emulator;

const char* cudaGetErrorName(cudaError_t error) {
  const Name* const found = find(error);
  return found == std::end(names) ? "unrecognized error code" : found->name;
}

const char* cudaGetErrorString(cudaError_t error) {
  const Name* const found = find(error);
  return found == std::end(names) ? "unrecognized error code" : found->text;
}

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }

cudaError_t cudaGetDeviceCount(int* count) {
  if (count == nullptr) return report(cudaErrorInvalidValue);
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (properties == nullptr) return report(cudaErrorInvalidValue);
  if (device != 0) return report(cudaErrorInvalidDevice);
  *properties = {.name = "emulated CUDA device",
                 .totalGlobalMem = Arena::capacity,
                 .sharedMemPerBlock = 48 << 10,
                 .regsPerBlock = 64 << 10,
                 .warpSize = warpSize,
                 .maxThreadsPerBlock = 1024,
                 .maxThreadsDim = {1024, 1024, 64},
                 .maxGridSize = {0x7FFFFFFF, 65535, 65535},
                 .major = 9,
                 .minor = 0,
                 .multiProcessorCount = 2,  // few, so that threads have to loop
                 .integrated = 0,
                 .unifiedAddressing = 1,
                 .memoryBusWidth = 64,
                 .l2CacheSize = 1 << 20,
                 .maxThreadsPerMultiProcessor = 2048,
                 .memoryPoolsSupported = 1};
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) { return cudaRuntimeGetVersion(version); }

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return report(cudaErrorInvalidValue);
  *version = 13000;
  return cudaSuccess;
}
