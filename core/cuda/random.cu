#include "muonlab/core/kernels/random.h"

#include <algorithm>

#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::kernel {

void RandomIntegers::cuda() const {
  const Index count = y.count();
  const Range even = ranges[0];
  const Range odd = ranges[1];
  const Rng::Reserved words = random;
  std::int32_t* out = cuda::on_gpu(y);
  // One thread for each block of four words.
  cuda::for_each((count + 3) / 4, [=] __device__(Index block) {
    const Philox philox =
        Philox::at(words.position + static_cast<std::uint64_t>(block), words.stream, words.seed);
    for (Index j = 4 * block; j < std::min(count, 4 * block + 4); ++j) {
      out[j] = (j % 2 == 0 ? even : odd).at(philox.word[j % 4]);
    }
  });
}

void ChildBits::cuda() const {
  const std::int32_t* number = cuda::on_gpu(numbers);
  const std::uint64_t parent = stream;
  const std::uint64_t key = seed;
  const bool other = inverted;
  std::int32_t* out = cuda::on_gpu(y);
  cuda::for_each(y.count(),
                 [=] __device__(Index i) { out[i] = bit(number[i], parent, key, other); });
}

}  // namespace muonlab::kernel
