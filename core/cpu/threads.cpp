#include "core/threads.h"

#include <memory>
#include <tbb/global_control.h>

#include "core/cpu/parallel.h"
#include "core/error.h"
#include "core/precision.h"

namespace muonlab {

using tbb::global_control;

void set_threads(int count) {
  check(count >= 1, "threads: at least 1 is needed, got ", count);
  static std::unique_ptr<global_control> limit;
  limit.reset();  // of two limits that live, the lower would hold
  limit = std::make_unique<global_control>(global_control::max_allowed_parallelism, count);
}

int threads() {
  return static_cast<int>(global_control::active_value(global_control::max_allowed_parallelism));
}

void run_together(Device device, Index count, const std::function<void(Index)>& task) {
  if (device == Device::cuda) {
    for (Index i = 0; i < count; ++i) task(i);
    return;
  }
  parallel_tasks(count, [&task, precision = product_precision()](Index i) {
    const ProductPrecision scope(precision);  // of the caller, on whatever thread
    task(i);
  });
}

}  // namespace muonlab
