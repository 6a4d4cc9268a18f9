#include "muonlab/core/kernels/dropout.h"

#include <algorithm>
#include <array>

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {
namespace {

constexpr Index blocks = 16;  // of Philox, made side by side to fill vector registers
constexpr Index words = 4 * blocks;

/// The words of the blocks from `position` on, in order.
std::array<std::uint32_t, words> random_words(const Rng::Reserved& random, std::uint64_t position) {
  std::array<std::uint32_t, words> all;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const Philox philox = Philox::at(position + block, random.stream, random.seed);
    for (std::uint64_t k = 0; k < 4; ++k) all[4 * block + k] = philox.word[k];
  }
  return all;
}

}  // namespace

void DropoutMask::cpu() const {
  const float kept = 1 / (1 - p);
  float* out = mask.data();
  const Rng::Reserved random = rng.reserve(mask.count());
  parallel_for(mask.count(), elementwise_grain, [=, p = p](Index begin, Index end) {
    for (Index i = begin; i < end; i += words) {
      const auto bits = random_words(random, random.position + static_cast<std::uint64_t>(i / 4));
      const Index count = std::min(words, end - i);
      for (Index k = 0; k < count; ++k) out[i + k] = Philox::uniform(bits[k]) < p ? 0 : kept;
    }
  });
}

}  // namespace muonlab::kernel
