#include "core/kernels/dropout.h"

#include "core/cpu/parallel.h"

namespace muonlab::kernel {

void DropoutMask::cpu() const {
  const float kept = 1 / (1 - p);
  parallel_for(mask.count(), elementwise_grain, [=, *this](Index begin, Index end) {
    for (Index i = begin; i < end; i += 4) {  // one block of the generator makes four
      const auto block = static_cast<std::uint64_t>(i / 4);
      const Philox words = Philox::at(random.position + block, random.stream, random.seed);
      for (Index k = i; k < std::min(i + 4, end); ++k) {
        mask.data()[k] = Philox::uniform(words.word[k - i]) < p ? 0 : kept;
      }
    }
  });
}

}  // namespace muonlab::kernel
