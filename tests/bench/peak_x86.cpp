#include <cstddef>
#include <immintrin.h>

#include "tests/bench/peak.h"

// Every function is compiled for its own instructions, so a portable binary measures the same peak.
namespace muonlab::bench {
namespace {

// Sums that do not wait for one another: more than two multiply-adds a cycle of four cycles each
// need, and fewer than there are registers.
constexpr std::size_t chains = 12;

/// Of the i-th sum: were two sums equal, the compiler would compute one.
constexpr float start(std::size_t i) { return static_cast<float>(i); }

__attribute__((target("avx512f"))) float float32_in_512_bits(Index rounds) {
  const __m512 a = _mm512_set1_ps(0.5F);
  const __m512 b = _mm512_set1_ps(0.25F);
  __m512 sums[chains];
  for (std::size_t i = 0; i < chains; ++i) sums[i] = _mm512_set1_ps(start(i));
  for (Index i = 0; i < rounds; ++i) {
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, a, b);
  }
  __m512 total = sums[0];
  for (std::size_t i = 1; i < chains; ++i) total = _mm512_add_ps(total, sums[i]);
  return _mm512_cvtss_f32(total);
}

__attribute__((target("avx2,fma"))) float float32_in_256_bits(Index rounds) {
  const __m256 a = _mm256_set1_ps(0.5F);
  const __m256 b = _mm256_set1_ps(0.25F);
  __m256 sums[chains];
  for (std::size_t i = 0; i < chains; ++i) sums[i] = _mm256_set1_ps(start(i));
  for (Index i = 0; i < rounds; ++i) {
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, a, b);
  }
  __m256 total = sums[0];
  for (std::size_t i = 1; i < chains; ++i) total = _mm256_add_ps(total, sums[i]);
  return _mm256_cvtss_f32(total);
}

float float32_in_128_bits(Index rounds) {
  const __m128 a = _mm_set1_ps(0.5F);
  const __m128 b = _mm_set1_ps(0.25F);
  __m128 sums[chains];
  for (std::size_t i = 0; i < chains; ++i) sums[i] = _mm_set1_ps(start(i));
  for (Index i = 0; i < rounds; ++i) {
    for (__m128& sum : sums) sum = _mm_add_ps(_mm_mul_ps(sum, a), b);
  }
  __m128 total = sums[0];
  for (std::size_t i = 1; i < chains; ++i) total = _mm_add_ps(total, sums[i]);
  return _mm_cvtss_f32(total);
}

/// Each lane of a sum takes two products of bfloat16.
__attribute__((target("avx512f,avx512bw,avx512bf16"))) float bfloat16_in_512_bits(Index rounds) {
  const auto ones = (__m512bh)_mm512_set1_epi32(0x3F803F80);
  __m512 sums[chains];
  for (std::size_t i = 0; i < chains; ++i) sums[i] = _mm512_set1_ps(start(i));
  for (Index i = 0; i < rounds; ++i) {
    for (__m512& sum : sums) sum = _mm512_dpbf16_ps(sum, ones, ones);
  }
  __m512 total = sums[0];
  for (std::size_t i = 1; i < chains; ++i) total = _mm512_add_ps(total, sums[i]);
  return _mm512_cvtss_f32(total);
}

}  // namespace

std::vector<PeakLoop> peak_loops() {
  std::vector<PeakLoop> loops = {{Precision::float32, 2 * chains * 4, float32_in_128_bits}};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    loops.push_back({Precision::float32, 2 * chains * 8, float32_in_256_bits});
  }
  if (__builtin_cpu_supports("avx512f")) {
    loops.push_back({Precision::float32, 2 * chains * 16, float32_in_512_bits});
  }
  if (__builtin_cpu_supports("avx512bf16")) {
    loops.push_back({Precision::bfloat16, 4 * chains * 16, bfloat16_in_512_bits});
  }
  return loops;
}

}  // namespace muonlab::bench
