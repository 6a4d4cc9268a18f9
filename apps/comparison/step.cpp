#include "apps/comparison/step.h"

#include "core/profile.h"

namespace muonlab::app {

double Step::operator()(const data::Batch& batch) {
  for (nn::Parameter& parameter : parameters_) parameter.variable.zero_grad();
  const Device device = batch.images.device();
  if (replays(device) && images_.count() == 0) {
    images_ = Tensor(batch.images.shape(), device);
    labels_ = Labels(batch.labels.shape(), device);
  }
  const bool fits = replays(device) && images_.shape() == batch.images.shape();
  return (fits ? replay(batch) : compute(batch.images, batch.labels)).item();
}

/// Forward and backward; the loss.
Tensor Step::compute(const Tensor& images, const Labels& labels) {
  const auto forward = [&] {
    const profile::Section section("forward");
    return cross_entropy(model_(Variable(images)), labels);
  };
  const Variable loss = forward();
  loss.backward();
  return loss.value();
}

/// The same; the arrays of a recording are the results of every replay.
Tensor Step::replay(const data::Batch& batch) {
  images_.copy_from(batch.images);
  labels_.copy_from(batch.labels);
  replay_(images_.device(), [this] {
    loss_ = compute(images_, labels_);
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
