#include "tests/emulator/gemm.h"

namespace emulator {

void add_product(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b,
                 double* c) {
  for (std::int64_t j = 0; j < n; ++j) {
    double* const column = c + j * m;
    for (std::int64_t p = 0; p < k; ++p) {
      const double factor = b[j * k + p];
      const float* const from = a + p * m;
      for (std::int64_t i = 0; i < m; ++i) column[i] += factor * from[i];
    }
  }
}

}  // namespace emulator
