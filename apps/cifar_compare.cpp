// Trains the same small convolutional network on CIFAR-10 with different optimizers, from the same
// weights and on the same batches, and prints what each reached in how much time.

#include "apps/comparison/compare.h"
#include "apps/experiments/cifar10.h"

int main(int argc, char** argv) {
  using namespace muonlab::app;
  Cifar10Options options;
  Defaults defaults = cifar10_defaults();
  defaults.add_options = [&options](CLI::App& app) { add_options(app, options); };
  return compare(argc, argv, defaults, [&options](const Setting& setting) {
    return cifar10_experiment(setting, options);
  });
}
