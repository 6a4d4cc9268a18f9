#include <cstddef>

#include "tests/bench/peak.h"

namespace muonlab::bench {
namespace {

constexpr std::size_t chains = 12;  // sums that do not wait for one another

typedef float Vector __attribute__((vector_size(16)));  // the least that today's CPUs have

float float32_in_128_bits(Index rounds) {
  Vector sums[chains];  // no two alike, or the compiler would compute one
  for (std::size_t i = 0; i < chains; ++i) sums[i] = Vector{} + static_cast<float>(i);
  for (Index i = 0; i < rounds; ++i) {
    for (Vector& sum : sums) sum = sum * 0.5F + 0.25F;
  }
  Vector total = sums[0];
  for (std::size_t i = 1; i < chains; ++i) total += sums[i];
  return total[0] + total[1] + total[2] + total[3];
}

}  // namespace

std::vector<PeakLoop> peak_loops() {
  return {{Precision::float32, 2 * chains * 4, float32_in_128_bits}};
}

}  // namespace muonlab::bench
