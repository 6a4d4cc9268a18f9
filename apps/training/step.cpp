#include "apps/training/step.h"

namespace muonlab::app {

double Step::operator()(const data::Batch& batch) {
  const Device device = batch.images.device();
  if (replays(device) && images_.count() == 0) {
    images_ = Tensor(batch.images.shape(), device);
    labels_ = Integers(batch.labels.shape(), device);
  }
  const bool fits = replays(device) && images_.shape() == batch.images.shape();
  return (fits ? replay(batch) : work_(batch.images, batch.labels)).item();
}

/// The arrays of a recording are the results of every replay.
Tensor Step::replay(const data::Batch& batch) {
  images_.copy_from(batch.images);
  labels_.copy_from(batch.labels);
  replay_(images_.device(), [this] {
    loss_ = work_(images_, labels_);
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
