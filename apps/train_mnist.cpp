// Trains a small network on handwritten digits with Muon. This is all there is to it: the data, the
// model, the optimizer, the loop, and how many digits of the test are recognized.
#include <cstdio>
#include <exception>

#include "muonlab/autograd/functions.h"
#include "muonlab/core/math.h"
#include "muonlab/data/batches.h"
#include "muonlab/data/mnist.h"
#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/muon.h"

using namespace muonlab;
using nn::Role;

/// The share of images whose largest logit is at their label.
double accuracy(nn::Layer& model, const data::Dataset& set) {
  const NoGrad no_grad;
  Index right = 0;
  for (const data::Batch& batch : data::Batches(set, 1000)) {
    const Integers guess = math::argmax(model(Variable(batch.images)).value());
    for (Index i = 0; i < guess.count(); ++i) right += guess.data()[i] == batch.labels.data()[i];
  }
  return static_cast<double>(right) / static_cast<double>(set.size());
}

int main(int argc, char** argv) try {
  const data::Mnist mnist = data::load_mnist(data::find_mnist(argc > 1 ? argv[1] : "", "data"));

  Rng rng(0);
  nn::Sequential model;  // (batch, 1, 28, 28) to logits (batch, 10)
  model.then<nn::Flatten>();
  model.then<nn::Linear>(784, 256, rng);
  model.then<nn::Relu>();
  model.then<nn::Linear>(256, 128, rng);
  model.then<nn::Relu>();
  model.then<nn::Linear>(128, 10, rng).mark(Role::head);

  // Muon for the matrices between hidden units, AdamW for the rest.
  optim::Hybrid optimizer(
      model.parameters(),
      {optim::use<optim::Muon>({Role::hidden}, {.lr = 0.01F}),
       optim::use<optim::AdamW>({Role::head, Role::gain, Role::bias}, {.lr = 1e-3F})});

  data::Batches batches(mnist.train, 64, Rng(0, data::order_stream));
  for (int epoch = 1; epoch <= 3; ++epoch) {
    double sum = 0;
    for (const data::Batch& batch : batches) {
      const Variable loss = cross_entropy(model(Variable(batch.images)), batch.labels);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      sum += loss.value().item();
    }
    std::printf("epoch %d: loss %.4f, %.2f %% of the test's digits right\n", epoch,
                sum / static_cast<double>(batches.size()), 100 * accuracy(model, mnist.test));
    std::fflush(stdout);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return 1;
}
