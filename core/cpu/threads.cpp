#include "core/threads.h"

#include <omp.h>

#include "core/error.h"

namespace muonlab {

void set_threads(int count) {
  check(count >= 1, "threads: at least 1 is needed, got ", count);
  omp_set_num_threads(count);
}

int threads() { return omp_get_max_threads(); }

}  // namespace muonlab
