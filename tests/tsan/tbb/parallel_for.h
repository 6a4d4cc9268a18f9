#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/tsan/tbb/global_control.h"

namespace tbb {

class simple_partitioner {};

/// body(i) for every i in [begin, end), by this thread and by new ones, of which each takes the
/// next i that nobody has. Throws what the first body threw.
template <class Index, class Body>
void parallel_for(Index begin, Index end, const Body& body, const simple_partitioner& /*how*/) {
  std::atomic<Index> next = begin;
  std::mutex mutex;
  std::exception_ptr problem;
  const auto work = [&] {
    try {
      for (Index i = next++; i < end; i = next++) body(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!problem) problem = std::current_exception();
    }
  };
  const auto most = global_control::active_value(global_control::max_allowed_parallelism);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(most, static_cast<std::size_t>(end - begin)); ++i) {
    others.emplace_back(work);
  }
  work();
  for (std::thread& other : others) other.join();
  if (problem) std::rethrow_exception(problem);
}

}  // namespace tbb
