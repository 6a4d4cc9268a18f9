#include <iostream>

#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"

// Learns that the first number is the larger one; the loss must fall.
int main() try {
  using namespace muonlab;
  Rng rng(1);
  nn::Sequential model;
  model.then<nn::Linear>(2, 8, rng);
  model.then<nn::Relu>();
  model.then<nn::Linear>(8, 2, rng);
  optim::AdamW optimizer(model.parameters(), {.lr = 0.05F});

  const Variable x(Tensor({4, 2}, {3, 1, 0, 2, 5, -1, -2, 0}));
  const Integers first_is_smaller({4}, {0, 1, 0, 1});
  float loss_value = 0;
  for (int step = 0; step < 50; ++step) {
    const Variable loss = cross_entropy(model(x), first_is_smaller);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    loss_value = loss.value().item();
  }
  check(loss_value < 0.1F, "outside: the loss must fall below 0.1, got ", loss_value);
  std::cout << "loss " << loss_value << '\n';
} catch (const muonlab::Error& error) {
  std::cerr << "error: " << error.what() << '\n';
  return 1;
}
