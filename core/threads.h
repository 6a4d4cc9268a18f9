#pragma once

#include <functional>

#include "core/memory.h"

namespace muonlab {

/// More would take memory and gain nothing on any machine.
inline constexpr int max_threads = 1024;

/// How many threads the kernels that one thread calls use together with it; as many as the machine
/// has cores until set, and at most max_threads. A thread that makes batches ahead comes on top of
/// them. Results do not depend on it: work is always cut into the same pieces, only who does them
/// differs. Throws unless `count` is from 1 to max_threads.
void set_threads(int count);
int threads();

/// Calls task(i) for every i in [0, count), several at a time; the kernels that they run share the
/// threads. For work of several kernels each, which does not fill the threads one after the other.
/// For kernels on the GPU one at a time, by this thread, whose queue keeps their order.
void run_together(Device device, Index count, const std::function<void(Index)>& task);

}  // namespace muonlab
