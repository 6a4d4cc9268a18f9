// Trains the same network on MNIST with different optimizers, from the same weights and on the same
// batches, and prints what each reached in how much time.

#include "apps/comparison/compare.h"
#include "apps/experiments/mnist.h"

int main(int argc, char** argv) {
  using namespace muonlab::app;
  return compare(argc, argv, mnist_defaults(), mnist_experiment);
}
