#include "apps/training/experiment.h"

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"

namespace muonlab::app {

Variable classification_loss(const Variable& logits, const data::Batch& batch) {
  return cross_entropy(logits, batch.labels);
}

Index right_labels(const Tensor& logits, const data::Batch& batch) {
  const Integers guess = math::argmax(logits).to(Device::cpu);
  const Integers labels = batch.labels.to(Device::cpu);
  Index right = 0;
  for (Index i = 0; i < labels.count(); ++i) right += guess.data()[i] == labels.data()[i];
  return right;
}

data::Batches Experiment::training_batches(std::uint64_t seed) const {
  return {train, batch_size, Rng(seed, data::order_stream), Rng(seed, data::augment_stream)};
}

}  // namespace muonlab::app
