#pragma once

#include <cstdint>

#include "muonlab/core/elementwise.h"
#include "muonlab/core/rng.h"
#include "muonlab/core/tensor.h"

/// Random whole numbers, made on the device that uses them, and equal on every device and for any
/// number of threads.
namespace muonlab::kernel {

/// y(j) = ranges(j mod 2) of word j, whatever y's shape: an array (n, 2) has a range for each
/// column.
struct RandomIntegers {
  /// low + floor(word bound / 2^32) for a random word of 32 bits: each of low, ..., low + bound - 1
  /// with a probability that differs from 1 / bound by less than 2^-32, since nothing is rejected:
  /// rejection would take an unknown number of words.
  struct Range {
    Index low;
    Index bound;  // within [1, 2^32], and the values within 32 bits with a sign

    MUONLAB_HOST_DEVICE std::int32_t at(std::uint32_t word) const {
      const std::uint64_t product = std::uint64_t{word} * static_cast<std::uint64_t>(bound);
      return static_cast<std::int32_t>(low + static_cast<Index>(product >> 32));
    }
  };

  Integers& y;
  Range ranges[2];
  Rng::Reserved random;  // as many words as y has elements

  void cpu() const;
  void cuda() const;
};

/// y(i) = the first bit of the stream's child numbers(i), or its opposite when `inverted`.
struct ChildBits {
  const Integers& numbers;  // (n), each at least 0
  std::uint64_t stream;     // the number of the parent stream
  std::uint64_t seed;
  bool inverted;
  Integers& y;  // (n), 0 or 1

  /// y(i), given numbers(i).
  MUONLAB_HOST_DEVICE static std::int32_t bit(std::int32_t number, std::uint64_t stream,
                                              std::uint64_t seed, bool inverted) {
    const std::uint64_t child = Philox::child(static_cast<std::uint64_t>(number), stream, seed);
    const std::uint32_t first = Philox::at(0, child, seed).word[0] & 1;
    return static_cast<std::int32_t>(first) ^ static_cast<std::int32_t>(inverted);
  }

  void cpu() const;
  void cuda() const;
};

}  // namespace muonlab::kernel
