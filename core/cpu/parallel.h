#pragma once

#include <algorithm>
#include <tbb/parallel_for.h>

#include "core/flush_denormals.h"
#include "core/shape.h"

namespace muonlab {

/// task(i), compiled apart from TBB's code, which would take registers from its loops.
template <class Task>
[[gnu::noinline]] void run_task(const Task& task, Index i) {
  const FlushDenormals flush;  // the mode belongs to the thread
  task(i);
}

/// Calls task(i) for every i in [0, count), on all threads. Tasks must not write to the same place.
/// TBB, and not OpenMP, because its caller waits for tasks only, never for a thread that has not
/// begun one: on a busy machine OpenMP's barrier was measured to cost 12 ms a loop.
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

/// Elements of one piece for work of a few instructions an element: about 5 microseconds, several
/// times the cost of handing it to a thread.
inline constexpr Index elementwise_grain = 16384;

/// Rows of one piece when a row has `columns` elements.
inline Index row_grain(Index columns) {
  return std::max<Index>(1, elementwise_grain / std::max<Index>(1, columns));
}

}  // namespace muonlab
