#include "muonlab/core/threads.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <tbb/global_control.h>

#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/error.h"
#include "muonlab/core/precision.h"

namespace muonlab {

using tbb::global_control;

void set_threads(int count) {
  check(1 <= count && count <= max_threads, "threads: got ", count, ", expected 1 to ",
        max_threads);
  static std::unique_ptr<global_control> limit;
  limit.reset();  // first: of two limits, TBB obeys the lower
  limit = std::make_unique<global_control>(global_control::max_allowed_parallelism, count);
}

int threads() {
  const auto set = global_control::active_value(global_control::max_allowed_parallelism);
  return static_cast<int>(std::min<std::size_t>(set, max_threads));
}

void run_together(Device device, Index count, const std::function<void(Index)>& task) {
  if (device == Device::cuda) {
    for (Index i = 0; i < count; ++i) task(i);
    return;
  }
  parallel_tasks(count, [&task, precision = product_precision()](Index i) {
    const ProductPrecision scope(precision);  // the caller's, on every thread
    task(i);
  });
}

}  // namespace muonlab
