#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/training/contender.h"
#include "muonlab/data/batches.h"
#include "muonlab/nn/module.h"
#include "muonlab/optim/schedule.h"

namespace CLI {
class App;
}

namespace muonlab::app {

inline constexpr int max_epochs = 100'000;         // read_record() takes no more
inline constexpr Index max_batch = 1'000'000'000;  // of more images than there are, all are taken

/// What an experiment is made for.
struct Setting {
  std::filesystem::path data = {};  // empty: where the experiment finds it
  Device device = Device::cpu;
  int epochs = 1;
  Index batch_size = 64;
};

/// What an app is and what it does unless told otherwise.
struct Defaults {
  std::string name;
  std::string about;
  std::vector<Contender> contenders;
  int epochs;
  Index batch_size;
  /// Adds an app's own options, into variables that the app keeps. They become part of the recipe,
  /// so those with a default value need capture_default_str().
  std::function<void(CLI::App&)> add_options = {};
};

/// What all contenders train: a model on a data set. The functions give the same result whenever
/// they are called with the same argument, which is what makes a comparison fair, and lets one that
/// was stopped go on.
struct Experiment {
  std::string protocol;     // as results.json calls it, "mnist"
  std::string data;         // version of the data set: "full", "mini", or what others are
  std::string notice = {};  // a line that qualifies the figures, printed first; empty: none
  data::Dataset train;      // on the device where models are trained, as test
  data::Dataset test;
  Index batch_size;                         // images for a training step
  Index test_batch_size = 1000;             // images evaluated at a time
  data::Transform training_transform = {};  // makes training batches; empty: byte / 255
  data::Transform test_transform = {};      // the same for images that are only evaluated
  std::function<std::unique_ptr<nn::Layer>(Rng& rng)> make_model = {};
  std::vector<Index> positions = {};  // where each convolution's filters are applied in an image

  /// Of all steps, counted from 0, of a training with so many in an epoch.
  std::function<optim::Schedule(Index steps_in_epoch)> schedule = [](Index) {
    return optim::constant_schedule();
  };

  /// In a random order and with random transforms that `seed` decides.
  data::Batches training_batches(std::uint64_t seed) const;

  /// Every image of `set` once, as it is evaluated; every test image.
  data::Batches evaluation_batches(const data::Dataset& set) const;
  data::Batches test_batches() const { return evaluation_batches(test); }
};

}  // namespace muonlab::app
