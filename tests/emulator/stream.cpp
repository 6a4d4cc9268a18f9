#include "tests/emulator/stream.h"

#include "tests/emulator/arena.h"
#include "tests/emulator/machine.h"

namespace emulator {
namespace {

Handles<CUstream_st>& streams() { return immortal<Handles<CUstream_st>>(); }
Handles<CUgraph_st>& graphs() { return immortal<Handles<CUgraph_st>>(); }
Handles<CUgraphExec_st>& executables() { return immortal<Handles<CUgraphExec_st>>(); }

thread_local cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

bool is_valid(cudaStream_t stream) { return stream == nullptr || streams().has(stream); }

/// Invalidates the captures that `concerns` says yes to; whether there was one.
template <class Predicate>
bool invalidate(const Predicate& concerns) {
  bool any = false;
  for (const auto& [stream, owner] : streams()) {
    if (!stream->capture || !concerns(*stream)) continue;
    stream->capture->valid = false;
    any = true;
  }
  return any;
}

/// Whether the calling thread must not make unsafe calls because of the capture.
bool prohibits_unsafe_calls(const CUstream_st& stream) {
  const bool own = stream.capture->thread == std::this_thread::get_id();
  const cudaStreamCaptureMode mode = stream.capture->mode;
  if (thread_mode == cudaStreamCaptureModeRelaxed) return false;
  if (own) return mode != cudaStreamCaptureModeRelaxed;
  return mode == cudaStreamCaptureModeGlobal && thread_mode == cudaStreamCaptureModeGlobal;
}

}  // namespace

cudaError_t submit(cudaStream_t stream, Work work) {
  if (!is_valid(stream)) return cudaErrorInvalidResourceHandle;
  if (stream == nullptr && invalidate([](const CUstream_st& s) { return s.blocking; })) {
    return cudaErrorStreamCaptureImplicit;  // it would wait for the captured stream
  }
  if (stream != nullptr && stream->capture) {
    if (!stream->capture->valid) return cudaErrorStreamCaptureInvalidated;
    stream->capture->works.push_back(std::move(work));
    return cudaSuccess;
  }
  const Opening opening;
  work();
  return cudaSuccess;
}

cudaError_t refuse_in_capture(cudaStream_t stream) {
  if (!is_valid(stream)) return cudaErrorInvalidResourceHandle;
  const bool refused = invalidate([stream](const CUstream_st& s) { return &s == stream; });
  return refused ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

cudaError_t refuse_unsafe_call() {
  return invalidate(prohibits_unsafe_calls) ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

}  // namespace emulator

using namespace emulator;

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  const Lock lock;
  if (stream == nullptr || flags > cudaStreamNonBlocking) return report(cudaErrorInvalidValue);
  *stream = streams().add({.blocking = flags == cudaStreamDefault, .capture = {}});
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock;
  return streams().remove(stream) ? cudaSuccess : report(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Lock lock;
  const cudaError_t error = stream == nullptr ? submit(stream, [] {}) : refuse_in_capture(stream);
  if (error == cudaSuccess) ++counters().synchronizations;
  return report(error);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  const Lock lock;
  if (!is_valid(stream)) return report(cudaErrorInvalidResourceHandle);
  if (stream == nullptr) return report(cudaErrorStreamCaptureUnsupported);
  if (stream->capture) return report(cudaErrorIllegalState);
  stream->capture = {mode, std::this_thread::get_id(), true, {}};
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Lock lock;
  if (!is_valid(stream)) return report(cudaErrorInvalidResourceHandle);
  if (graph == nullptr) return report(cudaErrorInvalidValue);
  *graph = nullptr;
  if (stream == nullptr || !stream->capture) return report(cudaErrorIllegalState);
  if (stream->capture->mode != cudaStreamCaptureModeRelaxed &&
      stream->capture->thread != std::this_thread::get_id()) {
    return report(cudaErrorStreamCaptureWrongThread);
  }
  CUstream_st::Capture capture = std::move(*stream->capture);
  stream->capture.reset();
  if (!capture.valid) return report(cudaErrorStreamCaptureInvalidated);
  *graph = graphs().add({std::move(capture.works)});
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  if (mode == nullptr) return report(cudaErrorInvalidValue);
  std::swap(*mode, thread_mode);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long flags) {
  const Lock lock;
  if (executable == nullptr || !graphs().has(graph)) return report(cudaErrorInvalidValue);
  if (flags != 0) return report(cudaErrorNotSupported);
  *executable = executables().add({graph->works});
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const Lock lock;
  if (!executables().has(executable)) return report(cudaErrorInvalidValue);
  return report(submit(stream, [works = executable->works] {
    ++counters().graphs;
    for (const Work& work : works) work();
  }));
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const Lock lock;
  return graphs().remove(graph) ? cudaSuccess : report(cudaErrorInvalidValue);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const Lock lock;
  return executables().remove(executable) ? cudaSuccess : report(cudaErrorInvalidValue);
}
