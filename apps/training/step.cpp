#include "apps/training/step.h"

namespace muonlab::app {

double Step::operator()(const data::Batch& batch) {
  const Device device = batch.labels.device();
  if (replays(device) && batch_.labels.count() == 0) {
    batch_ = {.images = Tensor(batch.images.shape(), device),
              .tokens = Integers(batch.tokens.shape(), device),
              .labels = Integers(batch.labels.shape(), device)};
  }
  const bool fits = replays(device) && batch_.labels.shape() == batch.labels.shape();
  return (fits ? replay(batch) : work_(batch)).item();
}

/// The arrays of a recording are the results of every replay.
Tensor Step::replay(const data::Batch& batch) {
  if (batch.images.count() > 0) batch_.images.copy_from(batch.images);
  if (batch.tokens.count() > 0) batch_.tokens.copy_from(batch.tokens);
  batch_.labels.copy_from(batch.labels);
  replay_(batch_.labels.device(), [this] {
    loss_ = work_(batch_);
    gradients_.clear();
    for (const nn::Parameter& parameter : parameters_) {
      gradients_.push_back(parameter.variable.grad());
    }
  });
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (gradients_[i]) parameters_[i].variable.set_grad(*gradients_[i]);
  }
  return loss_;
}

}  // namespace muonlab::app
