#pragma once

#include "apps/training/experiment.h"

namespace muonlab::app {

/// What mnist_compare compares, and with which epochs and batches unless told otherwise.
const Defaults& mnist_defaults();

/// The tutorial's network on MNIST, from setting.data or where data::find_mnist() looks. Throws,
/// naming the file, when it cannot be read.
Experiment mnist_experiment(const Setting& setting);

}  // namespace muonlab::app
