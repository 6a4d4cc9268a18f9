#include "muonlab/core/kernels/dropout.h"

#include "muonlab/core/cuda/graph.h"
#include "muonlab/core/cuda/launch.cuh"

namespace muonlab::kernel {

void DropoutMask::cuda() const {
  const Index count = mask.count();
  // A recorded kernel reads the reservation from the GPU, where each replay renews it.
  const std::uint64_t* renewed =
      cuda::Graph::renewed([&rng = rng, count](std::uint64_t(&words)[4]) {
        const auto [position, stream, seed] = rng.reserve(count);
        words[0] = position;
        words[1] = stream;
        words[2] = seed;
      });
  const Rng::Reserved now = renewed == nullptr ? rng.reserve(count) : Rng::Reserved{};
  const float probability = p;
  const float kept = 1 / (1 - p);
  float* out = cuda::on_gpu(mask);
  cuda::for_each((count + 3) / 4, [=] __device__(Index block) {
    const std::uint64_t position = renewed == nullptr ? now.position : renewed[0];
    const Philox philox = Philox::at(position + static_cast<std::uint64_t>(block),
                                     renewed == nullptr ? now.stream : renewed[1],
                                     renewed == nullptr ? now.seed : renewed[2]);
    for (Index i = 4 * block; i < std::min(count, 4 * block + 4); ++i) {
      out[i] = Philox::uniform(philox.word[i % 4]) < probability ? 0 : kept;
    }
  });
}

}  // namespace muonlab::kernel
