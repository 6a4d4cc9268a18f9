#pragma once

#include <algorithm>
#include <tbb/parallel_for.h>

#include "muonlab/core/flush_denormals.h"
#include "muonlab/core/shape.h"

namespace muonlab {

/// Calls task(i). noinline: inlined into TBB's code, hot loops run out of registers.
template <class Task>
[[gnu::noinline]] void run_task(const Task& task, Index i) {
  const FlushDenormals flush;  // the mode belongs to the thread
  task(i);
}

/// Calls task(i) for every i in [0, count), on all threads. Tasks must not write to the same place.
/// Uses TBB rather than OpenMP, because TBB's caller waits for tasks only, never for a thread that
/// has not begun one: on a busy machine OpenMP's barrier was measured to cost 12 ms a loop.
template <class Task>
void parallel_tasks(Index count, const Task& task) {
  if (count <= 1) {
    if (count == 1) run_task(task, 0);
    return;
  }
  const auto body = [&task](Index i) { run_task(task, i); };
  tbb::parallel_for(Index{0}, count, body, tbb::simple_partitioner());
}

/// Calls body(begin, end) for consecutive pieces of [0, count), each of `grain` elements but the
/// last. The pieces do not depend on the number of threads, hence neither does any result.
template <class Body>
void parallel_for(Index count, Index grain, const Body& body) {
  parallel_tasks((count + grain - 1) / grain,
                 [&](Index piece) { body(piece * grain, std::min((piece + 1) * grain, count)); });
}

/// Elements of one piece for work of a few instructions an element: 1 to 5 microseconds, where
/// handing a piece over was measured to cost 0.1 to 0.2.
inline constexpr Index elementwise_grain = 16384;

/// Rows of one piece when a row has `columns` elements.
inline Index row_grain(Index columns) {
  return std::max<Index>(1, elementwise_grain / std::max<Index>(1, columns));
}

}  // namespace muonlab
