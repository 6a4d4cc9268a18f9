#include "muonlab/core/rng.h"

#include <array>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/error.h"

namespace muonlab::test {
namespace {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  const Philox words =
      Philox::rounds({{counter[0], counter[1], counter[2], counter[3]}}, key[0], key[1]);
  return {words.word[0], words.word[1], words.word[2], words.word[3]};
}

TEST_CASE("a generator made from another's state goes on as that one does") {
  for (const int taken : {0, 1, 3, 4, 5}) {
    Rng rng(7, 2);
    for (int i = 0; i < taken; ++i) rng.bits();
    if (taken == 5) rng.reserve(6);
    Rng same(rng.state());
    CHECK(same.state() == rng.state());
    for (int i = 0; i < 9; ++i) CHECK(same.bits() == rng.bits());
  }
}

TEST_CASE("children of a stream differ, and do not depend on what was taken from it") {
  Rng rng(7, 2);
  Rng first = rng.child(0);
  rng.bits();
  CHECK(rng.child(0).state() == first.state());
  CHECK(rng.child(1).state().stream != first.state().stream);
  CHECK(Rng(7, 3).child(0).state().stream != first.state().stream);
}

// Known answers of Random123 1.09, tests/kat_vectors, philox4x32 10.
TEST_CASE("philox gives the published known answers") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a stream is the blocks of its counter, one after the other") {
  Rng rng(5, 9);
  for (std::uint64_t position = 0; position < 3; ++position) {
    const Philox block = Philox::at(position, 9, 5);
    for (const std::uint32_t word : block.word) CHECK(rng.bits() == word);
  }
}

TEST_CASE("reserved words are those that bits() would have given") {
  Rng a(1);
  Rng b(1);
  const Rng::Reserved reserved = a.reserve(6);
  const Philox first = Philox::at(reserved.position, reserved.stream, reserved.seed);
  CHECK(b.bits() == first.word[0]);
  for (int i = 0; i < 7; ++i) b.bits();  // six words take two blocks of four
  CHECK(a.bits() == b.bits());
}

TEST_CASE("seeds, streams and splits are different") {
  Rng parent(1);
  Rng child = parent.split();
  CHECK(Rng(1).bits() != Rng(2).bits());
  CHECK(Rng(1, 0).bits() != Rng(1, 1).bits());
  CHECK(child.bits() != Rng(1).bits());
}

TEST_CASE("uniform and normal have their mean and variance") {
  Rng rng(11);
  constexpr int n = 100000;
  double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    const double z = rng.normal();
    REQUIRE((0 <= u && u < 1));
    REQUIRE(std::isfinite(z));
    sum += u / n;
    squares += u * u / n;
    normal_sum += z / n;
    normal_squares += z * z / n;
  }
  // Five standard deviations of each estimate.
  CHECK(std::abs(sum - 0.5) < 5 * 0.289 / std::sqrt(n));
  CHECK(std::abs(squares - 1.0 / 3) < 5 * 0.298 / std::sqrt(n));
  CHECK(std::abs(normal_sum) < 5 / std::sqrt(n));
  CHECK(std::abs(normal_squares - 1) < 5 * 1.414 / std::sqrt(n));
}

TEST_CASE("below gives every value equally often") {
  Rng rng(3);
  std::vector<int> counts(6);
  for (int i = 0; i < 60000; ++i) ++counts[rng.below(6)];
  for (const int count : counts) CHECK(std::abs(count - 10000) < 5 * 91);  // five deviations
  CHECK(rng.below(1) == 0);
  CHECK_THROWS_WITH_AS(rng.below(0), "rng: a bound within [1, 2^32] is needed, got 0", Error);
}

}  // namespace
}  // namespace muonlab::test
