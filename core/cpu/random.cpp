#include "muonlab/core/kernels/random.h"

#include <algorithm>

#include "muonlab/core/cpu/parallel.h"

namespace muonlab::kernel {

void RandomIntegers::cpu() const {
  std::int32_t* out = y.data();
  // Every piece begins at a block of four words, because the grain is a multiple of four.
  parallel_for(y.count(), elementwise_grain, [=, k = *this](Index begin, Index end) {
    for (Index j = begin; j < end; j += 4) {
      const Philox block = Philox::at(k.random.position + static_cast<std::uint64_t>(j / 4),
                                      k.random.stream, k.random.seed);
      const Index count = std::min<Index>(4, end - j);
      for (Index i = 0; i < count; ++i) out[j + i] = k.ranges[i % 2].at(block.word[i]);
    }
  });
}

void ChildBits::cpu() const {
  const std::int32_t* number = numbers.data();
  std::int32_t* out = y.data();
  parallel_for(y.count(), elementwise_grain, [=, k = *this](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) out[i] = bit(number[i], k.stream, k.seed, k.inverted);
  });
}

}  // namespace muonlab::kernel
