#pragma once

#include <algorithm>

#include "core/flush_denormals.h"
#include "core/shape.h"

namespace muonlab {

/// Calls task(i) for every i in [0, count), on all threads. Tasks must not write to the same place.
template <class Task>
void parallel_tasks(Index count, const Task& task) {
  if (count <= 1) {
    if (count == 1) task(Index{0});
    return;
  }
#pragma omp parallel
  {
    const FlushDenormals flush;  // the mode belongs to the thread
#pragma omp for schedule(static)
    for (Index i = 0; i < count; ++i) task(i);
  }
}

/// Calls body(begin, end) for consecutive pieces of [0, count), each of `grain` elements but the
/// last. The pieces do not depend on the number of threads, hence neither does any result.
template <class Body>
void parallel_for(Index count, Index grain, const Body& body) {
  parallel_tasks((count + grain - 1) / grain,
                 [&](Index piece) { body(piece * grain, std::min((piece + 1) * grain, count)); });
}

/// Elements of one piece for work of a few instructions an element: about 5 microseconds, ten
/// times the cost of waking the threads.
inline constexpr Index elementwise_grain = 16384;

/// Rows of one piece when a row has `columns` elements.
inline Index row_grain(Index columns) {
  return std::max<Index>(1, elementwise_grain / std::max<Index>(1, columns));
}

}  // namespace muonlab
