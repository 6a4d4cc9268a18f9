#pragma once

#include <functional>

#include "muonlab/core/memory.h"

namespace muonlab {

/// The limit: more threads take memory and gain nothing on any machine.
inline constexpr int max_threads = 1024;

/// The number of threads, the caller included, that run a kernel: one for each core until set, at
/// most max_threads. The thread of a data::Prefetch comes on top. Results do not depend on it,
/// because work is always cut into the same pieces. set_threads() throws unless `count` is from 1
/// to max_threads.
void set_threads(int count);
int threads();

/// Calls task(i) for every i in [0, count), several at a time; their kernels share the threads. For
/// tasks whose kernels are too small to keep all threads busy one after another. On the GPU this
/// thread calls the tasks in order, because its queue runs one kernel after another anyway.
void run_together(Device device, Index count, const std::function<void(Index)>& task);

}  // namespace muonlab
