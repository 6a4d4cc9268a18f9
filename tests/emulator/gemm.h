#pragma once

#include <cstdint>

namespace emulator {

/// Adds a b to c: a (m x k), b (k x n), c (m x n), column-major and without gaps. Compiled without
/// sanitizers, which see only what its caller packed.
void add_product(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, const float* b,
                 double* c);

}  // namespace emulator
