#pragma once

#include "nn/layers.h"

namespace muonlab::app {

/// The tutorial's network for MNIST: 784 - 256 - 128 - 10 with ReLU between.
/// (batch, 1, 28, 28) to logits (batch, 10).
class Mlp final : public nn::Layer {
 public:
  explicit Mlp(Rng& rng) : rng_(rng) { head_.mark(nn::Role::head); }

  Variable operator()(const Variable& x) override {
    return head_(relu(fc2_(relu(fc1_(flatten_(x))))));
  }

 private:
  Rng& rng_;  // declared first: the layers below are built with it
  nn::Flatten& flatten_ = add<nn::Flatten>("flatten");
  nn::Linear& fc1_ = add<nn::Linear>("fc1", 784, 256, rng_);
  nn::Linear& fc2_ = add<nn::Linear>("fc2", 256, 128, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 128, 10, rng_);
};

}  // namespace muonlab::app
