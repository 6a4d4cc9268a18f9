#include "muonlab/core/kernels/fill.h"

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {

void Fill::cpu() const {
  parallel_for(y.count(), elementwise_grain, [data = y.data(), v = value](Index begin, Index end) {
    std::fill(data + begin, data + end, v);
  });
}

}  // namespace muonlab::kernel
