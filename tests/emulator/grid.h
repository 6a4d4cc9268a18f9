#pragma once

#include <functional>

#include <cuda_runtime.h>

namespace emulator {

/// Runs `thread` for each thread of the grid; under the Lock, with device memory open.
void run_grid(dim3 grid, dim3 block, const std::function<void()>& thread);

/// Whether the caller is such a thread.
bool in_kernel();

}  // namespace emulator
