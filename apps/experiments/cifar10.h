#pragma once

#include <string>

#include "apps/training/experiment.h"

namespace muonlab::app {

/// What cifar_compare compares, and with which epochs and batches unless told otherwise.
const Defaults& cifar10_defaults();

/// What there is beside the options of every comparison.
struct Cifar10Options {
  Index width = 32;                  // filters of the first convolution
  std::string augment = "tutorial";  // training images cropped and flipped at random; or "none"
};

/// Adds --width and --augment, which write into `options`.
void add_options(CLI::App& app, Cifar10Options& options);

/// The tutorial's network on CIFAR-10, from setting.data or where data::find_cifar10() looks;
/// the rate falls along a cosine. Throws, naming the option or the file, when one cannot be used.
Experiment cifar10_experiment(const Setting& setting, const Cifar10Options& options);

}  // namespace muonlab::app
