#include "apps/experiments/cifar10.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "apps/experiments/contenders.h"
#include "apps/experiments/models.h"
#include "apps/kit/names.h"
#include "apps/kit/numbers.h"
#include "muonlab/data/augment.h"
#include "muonlab/data/cifar10.h"
#include "muonlab/data/images.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"

namespace muonlab::app {
namespace {

using nn::Role;

constexpr Index max_width = 1024;

std::vector<Contender> contenders() {
  const Contender muon = matrix_contender(
      "muon", "Muon for every matrix and filter bank, Nesterov momentum for the biases", 0.01F);
  return with_family(
      {muon,
       {.name = "hybrid",
        .about = "Muon for filters and hidden matrices, AdamW (0.3 lr) for the head and the biases",
        .lr = 0.01F,
        .routes =
            [](const Tuning& tuning) {
              return std::vector{
                  optim::use<optim::Muon>({Role::input, Role::hidden}, tuning.muon()),
                  optim::use<optim::AdamW>({Role::head, Role::bias}, {.lr = 0.3F * tuning.lr})};
            }},
       {.name = "adamw",
        .about = "AdamW for everything, decay 1e-4",
        .lr = 1e-3F,
        .routes =
            [](const Tuning& tuning) {
              return std::vector{
                  optim::use<optim::AdamW>(all_roles, {.lr = tuning.lr, .weight_decay = 1e-4F})};
            }},
       {.name = "sgd",
        .about = "gradient descent with momentum 0.9 and L2 5e-4",
        .lr = 0.01F,
        .routes = [](const Tuning& tuning) {
          return std::vector{optim::use<optim::Sgd>(
              all_roles, {.lr = tuning.lr, .momentum = 0.9F, .weight_decay = 5e-4F})};
        }}});
}

data::Batch normalized(const data::PixelBatch& batch) {
  return data::normalize(batch, data::cifar10_mean, data::cifar10_deviation);
}

data::PixelBatch augmented(const data::PixelBatch& batch, Rng rng) {
  return data::random_flip(data::random_crop(batch, 4, rng), rng);
}

std::shared_ptr<data::Images> images(const data::Dataset& set, Device device,
                                     data::Augmentation augment = {}) {
  return std::make_shared<data::Images>(set.to(device), std::move(augment), normalized);
}

}  // namespace

const Defaults& cifar10_defaults() {
  static const Defaults defaults = {
      .name = "cifar_compare",
      .about =
          "Trains the same small convolutional network on CIFAR-10 with different optimizers, "
          "from the same weights and on the same batches, and prints what each reached in "
          "how much time.",
      .contenders = contenders(),
      .epochs = 5,
      .batch_size = 128,
  };
  return defaults;
}

void add_options(CLI::App& app, Cifar10Options& options) {
  app.add_option("--width", options.width, "Filters of the first convolution")
      ->type_name("N")
      ->transform(whole(1, max_width))
      ->capture_default_str();
  app.add_option("--augment", options.augment, "Training images: none, or tutorial (crop and flip)")
      ->type_name("HOW")
      ->capture_default_str();
}

Experiment cifar10_experiment(const Setting& setting, const Cifar10Options& options) {
  check_name("--augment", options.augment, {"none", "tutorial"});
  const std::filesystem::path source = MUONLAB_SOURCE_DIR;
  const data::Cifar10 cifar = data::load_cifar10(data::find_cifar10(setting.data, source / "data"));
  const data::Augmentation augment =
      options.augment == "none" ? data::Augmentation() : data::Augmentation(augmented);
  Experiment experiment = {.protocol = "cifar10",
                           .data = cifar.version(),
                           .train = images(cifar.train, setting.device, augment),
                           .test = images(cifar.test, setting.device),
                           .batch_size = setting.batch_size,
                           .test_batch_size = 500};
  if (experiment.data != "full") {
    experiment.notice = fmt::format(
        "data: {}, not CIFAR-10's own 50000 + 10000, so figures differ from docs/results.md; "
        "data/fetch.sh cifar10 fetches those",
        experiment.data);
  }
  experiment.make_model = [width = options.width](Rng& rng) {
    return std::make_unique<Cnn>(width, rng);
  };
  experiment.positions = {1024, 256, 64};  // pooling halves the sides, 32 at first
  experiment.schedule = [epochs = setting.epochs](Index steps_in_epoch) {
    return optim::by_epoch(optim::cosine_schedule({.steps = epochs}), steps_in_epoch);
  };
  return experiment;
}

}  // namespace muonlab::app
