#pragma once

#include <functional>
#include <memory>

#include "apps/memory/prediction.h"
#include "muonlab/nn/module.h"

namespace muonlab::app {

/// A model to measure, and the images that it learns from.
struct Subject {
  std::string name;
  std::function<std::unique_ptr<nn::Layer>(Rng&)> make;
  Shape images;  // of one batch
};

/// Bytes that arrays hold. They are allocated in blocks of up to an eighth more than is asked for.
struct Measured {
  Index parameters;
  Index gradients;
  Index state;
  Index peak;  // the most during a step, with activations and images; it differs from run to run
               // by what the threads hold at the same time
};

/// Builds the model and the optimizer, takes one step on noise, and returns the bytes that each of
/// these added.
Measured measure(const Subject& subject, const Keeping& keeping);

}  // namespace muonlab::app
