#include "muonlab/core/device.h"

#include "muonlab/core/cuda/runtime.h"

namespace muonlab {

std::string problem_with(Device device) {
  if (device == Device::cpu) return "";
  if constexpr (with_cuda) return cuda::problem();
  return "this build has no CUDA";
}

std::string name_of(Device device) {
  const std::string problem = problem_with(device);
  check(problem.empty(), device, ": ", problem);
  if constexpr (with_cuda) {
    if (device == Device::cuda) return cuda::device_name();
  }
  return "CPU";
}

void synchronize(Device device) {
  if constexpr (with_cuda) {
    if (device == Device::cuda) cuda::synchronize();
  }
}

}  // namespace muonlab
