#pragma once

#include <ostream>

#include "core/error.h"
#include "core/flush_denormals.h"
#include "core/memory.h"

namespace muonlab {

/// Set by CMake, read only here: MUONLAB_WITH_CUDA is 1 when core/cuda/*.cu is part of the build.
inline constexpr bool with_cuda = MUONLAB_WITH_CUDA;

inline std::ostream& operator<<(std::ostream& out, Device device) {
  return out << (device == Device::cpu ? "cpu" : "cuda");
}

/// Runs a kernel on `device`. A kernel is a struct whose fields are its arguments and whose
/// members cpu() and cuda() do the work; without CUDA, cuda() is never referenced.
template <class Kernel>
void run(Device device, const Kernel& kernel) {
  if constexpr (with_cuda) {
    if (device == Device::cuda) return kernel.cuda();
  }
  check(device == Device::cpu, "run: this build has no CUDA");
  const FlushDenormals flush;
  kernel.cpu();
}

}  // namespace muonlab
