#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/training/contender.h"
#include "muonlab/data/batches.h"
#include "muonlab/data/images.h"
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

/// What is trained, and what it makes of a batch.
class Model {
 public:
  using Forward = std::function<Variable(const data::Batch&)>;

  /// Of anything: `forward` calls `module`.
  Model(std::unique_ptr<nn::Module> module, Forward forward)
      : module_(std::move(module)), forward_(std::move(forward)) {}

  /// Of images.
  template <std::derived_from<nn::Layer> L>
  Model(std::unique_ptr<L> layer)  // NOLINT(google-explicit-constructor): make_model returns layers
      : forward_(
            [&model = *layer](const data::Batch& batch) { return model(Variable(batch.images)); }) {
    module_ = std::move(layer);
  }

  /// For classes, logits (..., classes), one row a label.
  Variable operator()(const data::Batch& batch) const { return forward_(batch); }

  nn::Module* operator->() const { return module_.get(); }
  nn::Module& operator*() const { return *module_; }

 private:
  std::unique_ptr<nn::Module> module_;
  Forward forward_;
};

/// The mean cross-entropy of a batch's labels.
Variable classification_loss(const Variable& logits, const data::Batch& batch);

/// How many of a batch's labels have the largest logit of their row.
Index right_labels(const Tensor& logits, const data::Batch& batch);

/// What all contenders train: a model on a data set. The functions give the same result whenever
/// they are called with the same argument, which is what makes a comparison fair, and lets one that
/// was stopped go on.
struct Experiment {
  std::string protocol;     // as results.json calls it, "mnist"
  std::string data;         // version of the data set: "full", "mini", or what others are
  std::string notice = {};  // a line that qualifies the figures, printed first; empty: none
  std::shared_ptr<const data::Examples> train;  // on the device where models are trained, as test
  std::shared_ptr<const data::Examples> test;
  Index batch_size;              // examples for a training step
  Index test_batch_size = 1000;  // examples evaluated at a time
  std::function<Model(Rng& rng)> make_model = {};

  /// What training makes small, the mean over a batch's labels, and how many labels are right: both
  /// of the model's output and the batch.
  std::function<Variable(const Variable& output, const data::Batch&)> loss = classification_loss;
  std::function<Index(const Tensor& output, const data::Batch&)> right = right_labels;
  std::vector<Index> positions = {};  // where each convolution's filters are applied in an image

  /// Of all steps, counted from 0, of a training with so many in an epoch.
  std::function<optim::Schedule(Index steps_in_epoch)> schedule = [](Index) {
    return optim::constant_schedule();
  };

  /// In a random order, augmented, both as `seed` decides.
  data::Batches training_batches(std::uint64_t seed) const;
};

}  // namespace muonlab::app
