#include <chrono>

#include "tests/emulator/machine.h"
#include "tests/emulator/stream.h"

using namespace emulator;

struct CUevent_st {
  bool timing;
  bool recorded = false;
  std::uint64_t capture = 0;  // the number of the one that it was last recorded in, 0 for none
  std::chrono::steady_clock::time_point time = {};
};

namespace {

Handles<CUevent_st>& events() { return immortal<Handles<CUevent_st>>(); }

}  // namespace

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  const Lock lock;
  constexpr unsigned known = cudaEventBlockingSync | cudaEventDisableTiming;
  if (event == nullptr || (flags & ~known) != 0) return report(cudaErrorInvalidValue);
  *event = events().add({.timing = (flags & cudaEventDisableTiming) == 0});
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Lock lock;
  return events().remove(event) ? cudaSuccess : report(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const Lock lock;
  if (!events().has(event)) return report(cudaErrorInvalidResourceHandle);
  const cudaError_t error = submit(stream, [] {});
  if (error != cudaSuccess) return report(error);
  const bool captured = stream != nullptr && stream->capture;
  event->capture = captured ? stream->capture->number : 0;
  event->recorded = true;
  event->time = std::chrono::steady_clock::now();
  return cudaSuccess;
}

/// All that was recorded is done, so there is nothing to wait for; but a wait across the border of
/// a capture is an error, or would make a capture of two streams, which there is not.
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  const Lock lock;
  if (!events().has(event)) return report(cudaErrorInvalidResourceHandle);
  if (flags != 0) return report(cudaErrorInvalidValue);
  const cudaError_t error = submit(stream, [] {});
  if (error != cudaSuccess || !event->recorded) return report(error);
  const bool captured = stream != nullptr && stream->capture;
  if (event->capture == (captured ? stream->capture->number : 0)) return cudaSuccess;
  if (!captured) return report(cudaErrorNotSupported);
  invalidate_capture(stream->capture->number);
  return report(cudaErrorStreamCaptureIsolation);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Lock lock;
  if (!events().has(event)) return report(cudaErrorInvalidResourceHandle);
  if (event->capture != 0) {
    invalidate_capture(event->capture);
    return report(cudaErrorCapturedEvent);
  }
  ++counters().synchronizations;
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  const Lock lock;
  if (milliseconds == nullptr) return report(cudaErrorInvalidValue);
  for (const cudaEvent_t event : {start, end}) {
    if (!events().has(event) || !event->timing || !event->recorded) {
      return report(cudaErrorInvalidResourceHandle);
    }
    if (event->capture != 0) return report(cudaErrorCapturedEvent);
  }
  const std::chrono::duration<float, std::milli> elapsed = end->time - start->time;
  *milliseconds = elapsed.count();
  return cudaSuccess;
}
