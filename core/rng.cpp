#include "muonlab/core/rng.h"

#include <cmath>
#include <numbers>

#include "muonlab/core/error.h"

namespace muonlab {

Rng::Rng(const State& state)
    : seed_(state.seed), stream_(state.stream), position_(state.words / 4) {
  for (std::uint64_t word = 0; word < state.words % 4; ++word) bits();
}

Rng Rng::child(std::uint64_t number) const {
  return Rng(seed_, Philox::child(number, stream_, seed_));
}

float Rng::normal() {
  const float radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - u is never 0
  const float angle = 2 * std::numbers::pi_v<float> * uniform();
  return radius * std::cos(angle);
}

Index Rng::below(Index bound) {
  check(1 <= bound && bound <= (Index{1} << 32), "rng: a bound within [1, 2^32] is needed, got ",
        bound);
  const auto n = static_cast<std::uint64_t>(bound);
  // Some values of the upper half of bits * n occur once more than others; rejecting lower halves
  // below `surplus` makes all equally frequent.
  const std::uint64_t surplus = (std::uint64_t{1} << 32) % n;
  std::uint64_t product = bits() * n;
  while (static_cast<std::uint32_t>(product) < surplus) product = bits() * n;
  return static_cast<Index>(product >> 32);
}

Rng::Reserved Rng::reserve(Index count) {
  const Reserved reserved{.position = position_, .stream = stream_, .seed = seed_};
  position_ += static_cast<std::uint64_t>((count + 3) / 4);
  used_ = 4;
  return reserved;
}

}  // namespace muonlab
