#pragma once

#include <bit>
#include <cstdint>

#include <cuda_runtime.h>

/// The upper half of a float's bits.
struct __nv_bfloat16 {
  std::uint16_t bits;
};

/// Rounds to nearest, ties to even; every NaN becomes 0x7FFF.
inline __nv_bfloat16 __float2bfloat16_rn(float x) {
  if (x != x) return {0x7FFF};
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return {static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

inline float __bfloat162float(__nv_bfloat16 x) {
  return std::bit_cast<float>(std::uint32_t{x.bits} << 16);
}
