#pragma once

#include <bit>
#include <cstdint>
#include <limits>

/// Functions made of arithmetic and choices alone, so that the compiler vectorizes loops over them,
/// as it cannot with calls of <cmath>. A NaN gives a NaN; denormals are zeros, as in every kernel.
/// tests/elementwise_test.cpp holds the errors to two or three units in the last place. The
/// polynomials interpolate at Chebyshev's points.
namespace muonlab::vector_math {

/// first x^n + ... + last, n the number of coefficients after the first.
template <class... Floats>
float polynomial(float x, float first, Floats... others) {
  ((first = first * x + others), ...);
  return first;
}

/// 2^k for k within [-126, 127].
inline float power_of_two(std::int32_t k) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(k + 127) << 23);
}

/// e^(x + rest), |rest| < 0.06: an argument in two parts, for when one float has too few digits.
inline float exp(float x, float rest = 0) {
  x = x < -104 ? -104 : x;  // below, the result is 0
  x = x > 89 ? 89 : x;      // above, infinite
  // e^x = 2^n e^r: adding 1.5 2^23 rounds to an integer and leaves it in the lower bits.
  constexpr float shift = 0x1.8p23F;
  const float shifted = x * 1.44269504F + shift;  // 1 / log 2
  const float n = shifted - shift;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F + rest;  // log 2 in two parts
  const float y = 1 + (r + r * r *
                               polynomial(r, 0.0001991142048F, 0.001395204878F, 0.008333288744F,
                                          0.04166626517F, 0.1666666671F, 0.5000000038F));
  const std::int32_t k = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(shift);
  const std::int32_t half = k >> 1;  // 2^k itself may overflow where the result does not
  return y * power_of_two(half) * power_of_two(k - half);
}

inline float log(float x) {
  // x = 2^k (1 + r) with 1 + r within [sqrt(1/2), sqrt(2)), whose lower end has these bits.
  constexpr std::uint32_t root_half = 0x3F3504F3;
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::int32_t k = static_cast<std::int32_t>(bits - root_half) >> 23;
  const float r = std::bit_cast<float>(bits - (static_cast<std::uint32_t>(k) << 23)) - 1;
  const float p =
      polynomial(r, 0.06971611471F, -0.1147973385F, 0.1168541992F, -0.1242568733F, 0.1424905765F,
                 -0.1666780232F, 0.2000071575F, -0.2499999696F, 0.3333333118F);
  const auto n = static_cast<float>(k);
  const float rest = n * -2.12194440e-4F + (r * r * r * p - 0.5F * r * r);
  float y = n * 0.693359375F + (r + rest);  // log 2 in two parts

  using Limits = std::numeric_limits<float>;
  y = x < Limits::min() ? -Limits::infinity() : y;
  y = x <= -Limits::min() ? Limits::quiet_NaN() : y;
  return x < Limits::infinity() ? y : x;  // infinity and NaN are returned as they are
}

inline float sigmoid(float x) { return 1 / (1 + exp(-x)); }

inline float tanh(float x) {
  const float size = x < 0 ? -x : x;
  const float far = 1 - 2 / (exp(2 * size) + 1);
  const float z = x * x;
  const float near = x + x * z *
                             polynomial(z, -0.006096714166F, 0.020997179F, -0.05385090958F,
                                        0.1333276974F, -0.3333332894F);
  return size < 0.625F ? near : (x < 0 ? -far : far);
}

/// A normal variable's density at x, times sqrt(2 pi), and its probability to be below x.
struct Normal {
  float density;
  float below;

  static Normal at(float x) {
    float size = x < 0 ? -x : x;
    size = size > 15 ? 15 : size;  // beyond, both are 0 or 1
    // The square of the upper half of the digits is exact, which the far tails need.
    const auto high = std::bit_cast<float>(std::bit_cast<std::uint32_t>(size) & 0xFFFFF000U);
    const float density = exp(-0.5F * high * high, -0.5F * (size - high) * (size + high));
    // tail / density, as a polynomial of 1 / (1 + size / 4).
    const float s = 1 / (1 + 0.25F * size);
    const float ratio =
        s * polynomial(s, 0.01607147336F, -0.06022585286F, 0.04611993723F, 0.0350751543F,
                       0.007866203337F, 0.08885935964F, 0.07138857119F, 0.09561157545F,
                       0.09948556838F, 0.09974801271F);
    const float tail = density * ratio;
    return {.density = density, .below = x < 0 ? tail : 1 - tail};
  }
};

}  // namespace muonlab::vector_math
