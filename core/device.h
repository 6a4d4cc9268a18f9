#pragma once

#include <ostream>
#include <string>

#include "muonlab/core/error.h"
#include "muonlab/core/flush_denormals.h"
#include "muonlab/core/memory.h"

namespace muonlab {

/// Set by CMake, read only here: MUONLAB_WITH_CUDA is 1 when core/cuda/*.cu is part of the build.
inline constexpr bool with_cuda = MUONLAB_WITH_CUDA;

inline std::ostream& operator<<(std::ostream& out, Device device) {
  return out << (device == Device::cpu ? "cpu" : "cuda");
}

/// Why nothing can be computed on `device` here; empty when it works.
std::string problem_with(Device device);

/// The hardware's name, "NVIDIA H200", or "CPU". Throws when problem_with(device) is not empty.
std::string name_of(Device device);

/// Waits until the GPU has finished this thread's work; on the CPU there is nothing to wait for.
/// Reading an element waits by itself. Call this before reading a clock, or before handing an array
/// to another thread.
void synchronize(Device device);

/// Runs a kernel on `device`. A kernel is a struct whose fields are its arguments and whose
/// members cpu() and cuda() do the work; without CUDA, cuda() is never referenced.
template <class Kernel>
void run(Device device, const Kernel& kernel) {
  if constexpr (with_cuda) {
    if (device == Device::cuda) return kernel.cuda();
  }
  if (device != Device::cpu) check(false, "run: ", problem_with(device));
  const FlushDenormals flush;
  kernel.cpu();
}

}  // namespace muonlab
