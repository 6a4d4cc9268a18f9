#pragma once

#include <bit>
#include <cstdint>

#include "muonlab/core/tensor.h"

namespace muonlab {

/// The upper half of a float32: sign, 8 bits of exponent, 7 of fraction.
struct Bfloat16 {
  std::uint16_t bits;
};

/// To nearest, ties to even; NaN stays NaN.
inline Bfloat16 to_bfloat16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  const std::uint32_t quiet_nan = bits >> 16 | 0x40;
  return {static_cast<std::uint16_t>(x == x ? rounded : quiet_nan)};
}

inline float to_float(Bfloat16 x) { return std::bit_cast<float>(std::uint32_t{x.bits} << 16); }

/// Rounds every element.
Array<Bfloat16> to_bfloat16(const Tensor& x);

/// Rounds every element to bfloat16 and converts it back.
Tensor rounded_to_bfloat16(const Tensor& x);

}  // namespace muonlab
