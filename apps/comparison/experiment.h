#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "data/batches.h"
#include "nn/module.h"
#include "optim/schedule.h"

namespace muonlab::app {

/// What all contenders train: a model on a data set. The functions give the same result whenever
/// they are called with the same argument, which is what makes a comparison fair, and lets one that
/// was stopped go on.
struct Experiment {
  std::string protocol;     // as results.json calls it, "mnist"
  std::string data;         // version of the data set, "full" or "mini"
  std::string notice = {};  // a line that qualifies the figures, printed first; empty: none
  data::Dataset train;      // on the device where models are trained, as test
  data::Dataset test;
  std::function<std::unique_ptr<nn::Layer>(Rng& rng)> make_model = {};
  std::function<data::Batches(std::uint64_t seed)> training_batches = {};
  std::function<data::Batches()> test_batches = {};  // every test image once
  std::vector<Index> positions = {};  // where each convolution's filters are applied in an image
  optim::Schedule schedule = optim::constant_schedule();  // of an epoch, counted from 0
};

}  // namespace muonlab::app
