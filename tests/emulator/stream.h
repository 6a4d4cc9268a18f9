#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <cuda_runtime.h>

namespace emulator {

/// Something for the device to do, with its memory open.
using Work = std::function<void()>;

/// Does the work now, or adds it to the capture of the stream.
cudaError_t submit(cudaStream_t stream, Work work);

// What a capture does not allow is refused, and invalidates the capture.

/// What a stream cannot do while it is captured; also refuses a stream that does not exist.
cudaError_t refuse_in_capture(cudaStream_t stream);
/// Calls that may wait for a stream, such as cudaMalloc, as far as the modes of captures say so.
cudaError_t refuse_unsafe_call();

/// The objects that handles of one type point at; a handle that is no more is noticed.
template <class T>
class Handles {
 public:
  T* add(T object) {
    auto owner = std::make_unique<T>(std::move(object));
    T* const handle = owner.get();
    living_[handle] = std::move(owner);
    return handle;
  }
  bool has(T* handle) const { return living_.count(handle) > 0; }
  bool remove(T* handle) { return living_.erase(handle) > 0; }
  auto begin() const { return living_.begin(); }
  auto end() const { return living_.end(); }

 private:
  std::map<T*, std::unique_ptr<T>> living_;
};

}  // namespace emulator

struct CUgraph_st {
  std::vector<emulator::Work> works;
};

struct CUgraphExec_st {
  std::vector<emulator::Work> works;
};

struct CUstream_st {
  struct Capture {
    cudaStreamCaptureMode mode;
    std::thread::id thread;
    bool valid;
    std::vector<emulator::Work> works;
  };
  bool blocking;  // waits for the default stream, and that for it
  std::optional<Capture> capture;
};
