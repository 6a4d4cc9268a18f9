#pragma once

#include <optional>
#include <vector>

#include "core/replay.h"
#include "data/dataset.h"
#include "nn/module.h"

namespace muonlab::app {

/// Forward and backward of a model on one batch after the other, by the mean cross-entropy.
class Step {
 public:
  explicit Step(nn::Layer& model) : model_(model), parameters_(model.parameters()) {}

  /// The loss of a batch; the parameters then have its gradients, and no others.
  double operator()(const data::Batch& batch);

 private:
  Tensor compute(const Tensor& images, const Labels& labels);
  Tensor replay(const data::Batch& batch);

  nn::Layer& model_;
  nn::Parameters parameters_;

  // Steps are replayed for batches of the first one's size, on these arrays:
  Replay replay_;
  Tensor images_;
  Labels labels_;
  Tensor loss_;
  std::vector<std::optional<Tensor>> gradients_;  // one a parameter
};

}  // namespace muonlab::app
