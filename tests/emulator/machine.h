#pragma once

#include <emulator.h>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>

#include <cuda_runtime.h>

namespace emulator {

/// Prints what a program did that no return value can tell, and aborts.
[[noreturn]] void die(const std::string& message);

template <class... Parts>
[[noreturn]] void die(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  die(text.str());
}

/// Held by each call into the runtime: one host thread at a time has the device. Aborts in a
/// kernel, where there is no runtime.
class Lock {
 public:
  Lock();

 private:
  std::lock_guard<std::recursive_mutex> guard_;
};

/// Remembers an error for cudaGetLastError, and returns it.
cudaError_t report(cudaError_t error);

/// What counts() returns copies of; under the Lock.
Counts& counters();

/// Something that lives until the process ends, so that static destructors may still use it.
template <class T>
T& immortal() {
  static T* const object = std::make_unique<T>().release();
  return *object;
}

}  // namespace emulator
