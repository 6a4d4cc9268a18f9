#include "muonlab/core/kernels/cross_entropy.h"

#include <cmath>
#include <vector>

#include "muonlab/core/cpu/parallel.h"
#include "muonlab/core/cpu/sum.h"
#include "muonlab/core/cpu/vector_math.h"

namespace muonlab::kernel {

void CrossEntropy::cpu() const {
  const Index n = x.shape().columns();
  const Index rows = x.shape().rows();
  std::vector<double> losses(static_cast<std::size_t>(rows));  // one a row, added in order below
  parallel_for(rows, row_grain(n), [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* logits = x.data() + r * n;
      float* probabilities = p.data() + r * n;
      const float top = largest(n, logits);
      for (Index i = 0; i < n; ++i) probabilities[i] = vector_math::exp(logits[i] - top);
      const double total = sum(n, [=](Index i) { return double{probabilities[i]}; });
      const auto inverse = static_cast<float>(1 / total);
      for (Index i = 0; i < n; ++i) probabilities[i] *= inverse;

      // -log p(i) = log_total - logits(i)
      const double log_total = std::log(total) + top;
      const double mean_logit =
          smoothing == 0 ? 0 : mean(n, [=](Index i) { return double{logits[i]}; });
      const double label_logit = logits[labels.data()[r]];
      losses[r] = log_total - (1.0 - smoothing) * label_logit - smoothing * mean_logit;
    }
  });
  *loss.data() = static_cast<float>(scale * sum(rows, [&](Index r) { return losses[r]; }));
}

void CrossEntropyGrad::cpu() const {
  const Index n = p.shape().columns();
  const float factor = *dloss.data() * scale;
  const float everywhere = smoothing / static_cast<float>(n);
  parallel_for(p.shape().rows(), row_grain(n), [=, *this](Index begin, Index end) {
    for (Index r = begin; r < end; ++r) {
      const float* probabilities = p.data() + r * n;
      float* din = dx.data() + r * n;
      for (Index i = 0; i < n; ++i) din[i] = factor * (probabilities[i] - everywhere);
      din[labels.data()[r]] -= factor * (1 - smoothing);
    }
  });
}

}  // namespace muonlab::kernel
