#pragma once

#include <cstdint>

#include "muonlab/core/elementwise.h"

namespace muonlab {

/// Four random 32-bit words for one counter and key. A function without state, so any thread of any
/// device can make any part of a stream.
/// Philox4x32-10: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
struct Philox {
  std::uint32_t word[4];

  MUONLAB_HOST_DEVICE static Philox at(std::uint64_t position, std::uint64_t stream,
                                       std::uint64_t key) {
    return rounds({{low(position), high(position), low(stream), high(stream)}}, low(key),
                  high(key));
  }

  /// The published function: ten rounds over the four counter words.
  MUONLAB_HOST_DEVICE static Philox rounds(Philox counter, std::uint32_t key0, std::uint32_t key1) {
    std::uint32_t* c = counter.word;
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t product0 = std::uint64_t{0xD2511F53} * c[0];
      const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * c[2];
      counter = {{high(product1) ^ c[1] ^ key0, low(product1), high(product0) ^ c[3] ^ key1,
                  low(product0)}};
      key0 += 0x9E3779B9;  // golden ratio
      key1 += 0xBB67AE85;  // square root of 3, minus 1
    }
    return counter;
  }

  /// The upper 24 bits as a float in [0, 1): every value is exact.
  MUONLAB_HOST_DEVICE static float uniform(std::uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24F;
  }

  /// The stream number of child `number`, below 2^63, of a stream: see Rng::child().
  MUONLAB_HOST_DEVICE static std::uint64_t child(std::uint64_t number, std::uint64_t stream,
                                                 std::uint64_t key) {
    // Counters from 2^63 on, which no stream reaches, so that children are independent of its
    // words.
    constexpr std::uint64_t names = std::uint64_t{1} << 63;
    const Philox name = at(names | number, stream, key);
    return std::uint64_t{name.word[0]} << 32 | name.word[1];
  }

 private:
  MUONLAB_HOST_DEVICE static std::uint32_t low(std::uint64_t x) {
    return static_cast<std::uint32_t>(x);
  }
  MUONLAB_HOST_DEVICE static std::uint32_t high(std::uint64_t x) {
    return static_cast<std::uint32_t>(x >> 32);
  }
};

}  // namespace muonlab
