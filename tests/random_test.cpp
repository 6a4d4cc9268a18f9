#include "muonlab/core/kernels/random.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/threads.h"

namespace muonlab::test {
namespace {

using kernel::RandomIntegers;
using Range = RandomIntegers::Range;
using Values = std::vector<std::int32_t>;

Values integers(Index count, Range even, Range odd, Rng rng) {
  Integers y({count});
  run(Device::cpu, RandomIntegers{.y = y, .ranges = {even, odd}, .random = rng.reserve(y.count())});
  return {y.values().begin(), y.values().end()};
}

Values child_bits(const Integers& numbers, const Rng& rng, bool inverted) {
  Integers y(numbers.shape());
  run(Device::cpu, kernel::ChildBits{.numbers = numbers,
                                     .stream = rng.state().stream,
                                     .seed = rng.state().seed,
                                     .inverted = inverted,
                                     .y = y});
  return {y.values().begin(), y.values().end()};
}

TEST_CASE("a random integer is the upper half of word times bound") {
  const Range dice{.low = 1, .bound = 6};
  CHECK(dice.at(0) == 1);
  CHECK(dice.at(0x2AAAAAAA) == 1);  // 2^32 / 6 lies between these two
  CHECK(dice.at(0x2AAAAAAB) == 2);
  CHECK(dice.at(0xFFFFFFFF) == 6);
  const Range all{.low = std::numeric_limits<std::int32_t>::min(), .bound = Index{1} << 32};
  CHECK(all.at(0) == std::numeric_limits<std::int32_t>::min());
  CHECK(all.at(0x80000001) == 1);
  CHECK(all.at(0xFFFFFFFF) == std::numeric_limits<std::int32_t>::max());
  CHECK(Range{.low = -7, .bound = 1}.at(0xFFFFFFFF) == -7);
}

TEST_CASE("random integers are made of the stream's words in order, each by its column's range") {
  const Range even{.low = -3, .bound = 7};
  const Range odd{.low = 100, .bound = 1000};
  Rng rng(5, 9);
  rng.bits();
  Rng words = rng;
  for (int i = 0; i < 3; ++i) words.bits();  // reserve() goes on with a whole block
  const Values y = integers(11, even, odd, rng);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::uint64_t bound = i % 2 == 0 ? 7 : 1000;
    const Index low = i % 2 == 0 ? -3 : 100;
    CHECK(y[i] == low + static_cast<Index>(words.bits() * bound >> 32));
  }
  CHECK(integers(0, even, odd, rng).empty());
}

TEST_CASE("random integers give every value of their range equally often") {
  const Values y = integers(60'000, {.low = -2, .bound = 6}, {.low = 10, .bound = 3}, Rng(3));
  std::vector<int> even(6);
  std::vector<int> odd(3);
  for (std::size_t i = 0; i < y.size(); i += 2) {
    ++even.at(static_cast<std::size_t>(Index{y[i]} + 2));
    ++odd.at(static_cast<std::size_t>(Index{y[i + 1]} - 10));
  }
  // Five standard deviations of a count.
  for (const int count : even) CHECK(std::abs(count - 5000) < 5 * 65);
  for (const int count : odd) CHECK(std::abs(count - 10'000) < 5 * 82);
}

TEST_CASE("child bits are the first bits of the children, or their opposites") {
  const Rng rng(7, 2);
  const Integers numbers({6}, {5, 0, 1, 5, 2147483647, 2});
  const Values bits = child_bits(numbers, rng, false);
  const Values opposites = child_bits(numbers, rng, true);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const auto number = static_cast<std::uint64_t>(numbers.values()[i]);
    CHECK(bits[i] == static_cast<std::int32_t>(rng.child(number).bits() & 1));
    CHECK(opposites[i] == 1 - bits[i]);
  }
}

TEST_CASE("random decisions do not depend on the number of threads") {
  constexpr Index count = 100'001;  // many pieces, the last one with a block cut short
  Integers numbers({count});
  for (Index i = 0; i < count; ++i) numbers.data()[i] = static_cast<std::int32_t>(count - i);
  const Range range{.low = 0, .bound = 1 << 20};
  const int all = threads();
  set_threads(1);
  const Values integers_alone = integers(count, range, range, Rng(1));
  const Values bits_alone = child_bits(numbers, Rng(1), false);
  set_threads(2);
  CHECK(integers(count, range, range, Rng(1)) == integers_alone);
  CHECK(child_bits(numbers, Rng(1), false) == bits_alone);
  set_threads(all);
}

}  // namespace
}  // namespace muonlab::test
