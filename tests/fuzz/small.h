#pragma once

#include <algorithm>
#include <memory>
#include <numeric>

#include "apps/training/experiment.h"
#include "muonlab/nn/layers.h"

namespace muonlab::fuzz {

/// A linear model of four pixels, with all that a module can keep but buffers.
class SmallModel final : public nn::Layer {
 public:
  explicit SmallModel(Rng& rng) : rng_(rng) { head_.mark(nn::Role::head); }

  Variable operator()(const Variable& x) override { return head_(dropout_(flatten_(x))); }

 private:
  Rng& rng_;
  nn::Flatten& flatten_ = add<nn::Flatten>("flatten");
  nn::Dropout& dropout_ = add<nn::Dropout>("dropout", 0.5F, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 4, 3, rng_);
};

/// Ten images, which cost no time.
inline app::Experiment small_experiment() {
  data::Dataset set = {.images = Bytes({10, 1, 2, 2}), .labels = Integers({10}), .classes = 3};
  std::iota(set.images.data(), set.images.data() + set.images.count(), 0);
  std::fill_n(set.labels.data(), set.labels.count(), 1);
  const auto images = std::make_shared<data::Images>(set);
  app::Experiment experiment = {
      .protocol = "small", .data = "mini", .train = images, .test = images, .batch_size = 5};
  experiment.make_model = [](Rng& rng) { return std::make_unique<SmallModel>(rng); };
  return experiment;
}

}  // namespace muonlab::fuzz
