#pragma once

#include "muonlab/nn/layers.h"

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

/// The tutorial's network for CIFAR-10: three times a convolution 3x3, ReLU and max pooling, which
/// halves the sides, then 512 hidden units with dropout. (batch, 3, 32, 32) to logits (batch, 10).
class Cnn final : public nn::Layer {
 public:
  /// `width` filters in the first convolution, twice and four times as many in those after it.
  Cnn(Index width, Rng& rng) : width_(width), rng_(rng) {
    conv1_.mark(nn::Role::input);
    head_.mark(nn::Role::head);
  }

  Variable operator()(const Variable& x) override {
    Variable y = x;
    for (nn::Conv2d* conv : {&conv1_, &conv2_, &conv3_}) {
      y = relu(max_pool2d((*conv)(y), {.size = {2, 2}}));  // as pooling last, at a quarter of ReLUs
    }
    return head_(dropout_(relu(fc_(flatten_(y)))));
  }

 private:
  static constexpr Conv2dOptions same = {.padding = {1, 1}};  // as many pixels out as in

  Index width_;
  Rng& rng_;  // declared before the layers, which are built with it
  nn::Conv2d& conv1_ = add<nn::Conv2d>("conv1", 3, width_, 3, rng_, same);
  nn::Conv2d& conv2_ = add<nn::Conv2d>("conv2", width_, 2 * width_, 3, rng_, same);
  nn::Conv2d& conv3_ = add<nn::Conv2d>("conv3", 2 * width_, 4 * width_, 3, rng_, same);
  nn::Flatten& flatten_ = add<nn::Flatten>("flatten");
  nn::Linear& fc_ = add<nn::Linear>("fc", 4 * width_ * 4 * 4, 512, rng_);
  nn::Dropout& dropout_ = add<nn::Dropout>("dropout", 0.5F, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 512, 10, rng_);
};

}  // namespace muonlab::app
