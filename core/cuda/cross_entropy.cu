#include "muonlab/core/kernels/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "muonlab/core/cuda/sums.cuh"

namespace muonlab::kernel {
namespace {

/// The arguments of the kernel.
struct Rows {
  Index count;
  Index n;  // classes
  const float* x;
  const std::int32_t* labels;
  float* p;
  float smoothing;
};

/// The loss of one row, by a team, which also writes the row of p.
__device__ double row_loss(const cuda::Team& team, const Rows& rows, Index row) {
  const Index n = rows.n;
  const float* logits = rows.x + row * n;
  float* probabilities = rows.p + row * n;
  const float top = team.largest(n, logits);
  const double total = team.sum(n, [=](Index i) { return std::exp(logits[i] - top); });
  const auto inverse = static_cast<float>(1 / total);
  for (Index i = team.rank; i < n; i += team.size) {
    probabilities[i] = std::exp(logits[i] - top) * inverse;
  }
  // -log p(i) = log_total - logits(i)
  const double log_total = std::log(total) + top;
  const double mean_logit =
      rows.smoothing == 0 ? 0 : team.mean(n, [=](Index i) { return logits[i]; });
  const Index label = rows.labels[row];
  const double label_logit =
      0 <= label && label < n ? logits[label] : std::numeric_limits<float>::quiet_NaN();
  return log_total - (1.0 - rows.smoothing) * label_logit - rows.smoothing * mean_logit;
}

/// losses[block] = scale * sum of the losses of the rows that the block's teams take.
template <class T>
__global__ void sum_losses(Rows rows, int team_size, double scale, T* losses) {
  const cuda::Team team(team_size);
  double own = 0;
  for (Index row = team.index; row < rows.count; row += team.teams) {
    const double loss = row_loss(team, rows, row);
    if (team.rank == 0) own += loss;
  }
  const double total = cuda::block_reduce(own, 0.0, cuda::Plus{});
  if (threadIdx.x == 0) losses[blockIdx.x] = static_cast<T>(scale * total);
}

}  // namespace

void CrossEntropy::cuda() const {
  const Rows rows{.count = x.shape().rows(),
                  .n = x.shape().columns(),
                  .x = cuda::on_gpu(x),
                  .labels = cuda::on_gpu(labels),
                  .p = cuda::on_gpu(p),
                  .smoothing = smoothing};
  float* to = cuda::on_gpu(loss);
  const double factor = scale;
  const int team_size = cuda::team_size(rows.n);
  const Index teams = cuda::reduce_threads / team_size;  // of a block
  if (rows.count <= 2 * teams) {                         // faster than a second launch
    cuda::launch(1, cuda::reduce_threads, sum_losses<float>, rows, team_size, factor, to);
    return;
  }
  const Index blocks = std::min((rows.count + teams - 1) / teams, cuda::full_grid);
  Array<double> partial({blocks}, Device::cuda);
  double* parts = cuda::on_gpu(partial);
  cuda::launch(blocks, cuda::reduce_threads, sum_losses<double>, rows, team_size, factor, parts);
  cuda::sum_rows(
      1, blocks, [=] __device__(Index, Index i) { return parts[i]; }, to);
}

void CrossEntropyGrad::cuda() const {
  const Index n = p.shape().columns();
  const float* probabilities = cuda::on_gpu(p);
  const std::int32_t* label_of = cuda::on_gpu(labels);
  const float* upstream = cuda::on_gpu(dloss);
  float* to = cuda::on_gpu(dx);
  const float by = scale;
  const float at_label = 1 - smoothing;
  const float everywhere = smoothing / static_cast<float>(n);
  cuda::for_each(p.count(), [=] __device__(Index i) {
    const Index label = label_of[i / n];
    const float factor = *upstream * by;
    float d = factor * (probabilities[i] - everywhere);
    if (label == i % n) d -= factor * at_label;
    to[i] = 0 <= label && label < n ? d : std::numeric_limits<float>::quiet_NaN();
  });
}

}  // namespace muonlab::kernel
