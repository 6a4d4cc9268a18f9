// Trains the same network on MNIST with different optimizers, from the same weights and on the same
// batches, and prints what each reached in how much time.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "apps/arguments.h"
#include "apps/comparison.h"
#include "apps/main.h"
#include "apps/models.h"
#include "apps/progress.h"
#include "apps/report.h"
#include "apps/results.h"
#include "core/math.h"
#include "data/batches.h"
#include "data/mnist.h"
#include "optim/adam.h"
#include "optim/hybrid.h"
#include "optim/muon.h"
#include "optim/sgd.h"

namespace muonlab::app {
namespace {

using nn::Role;

const std::vector<Contender> contenders = {
    {.name = "muon",
     .about = "Muon for every matrix, Nesterov momentum for the biases",
     .lr = 0.01F,
     .make =
         [](const nn::Parameters& parameters, float lr) {
           return std::make_unique<optim::Hybrid>(
               parameters,
               std::vector{optim::use<optim::Muon>({Role::hidden, Role::head}, {.lr = lr}),
                           optim::use<optim::Sgd>(
                               {Role::bias}, {.lr = lr, .momentum = 0.95F, .nesterov = true})});
         }},
    {.name = "hybrid",
     .about = "Muon for hidden matrices, AdamW (lr / 5) for the head and the biases",
     .lr = 0.005F,
     .make =
         [](const nn::Parameters& parameters, float lr) {
           return std::make_unique<optim::Hybrid>(
               parameters,
               std::vector{optim::use<optim::Muon>({Role::hidden}, {.lr = lr}),
                           optim::use<optim::AdamW>({Role::head, Role::bias}, {.lr = lr / 5})});
         }},
    {.name = "adamw",
     .about = "AdamW for everything",
     .lr = 1e-3F,
     .make =
         [](const nn::Parameters& parameters, float lr) {
           return std::make_unique<optim::AdamW>(parameters, optim::AdamWOptions{.lr = lr});
         }},
    {.name = "sgd",
     .about = "plain gradient descent, without momentum",
     .lr = 0.01F,
     .make =
         [](const nn::Parameters& parameters, float lr) {
           return std::make_unique<optim::Sgd>(parameters, optim::SgdOptions{.lr = lr});
         }},
};

/// One pass over the training images; returns the mean of the batch losses.
/// Throws Diverged when a loss, or a parameter in the end, is not finite.
double train_epoch(Mlp& model, optim::Optimizer& optimizer, data::Batches& batches,
                   const std::string& title, const Arguments& arguments) {
  Progress progress(title, batches.size(), arguments.quiet);
  const nn::Parameters parameters = model.parameters();
  double total = 0;
  double value = 0;
  Index step = 0;
  model.train();
  for (const data::Batch& batch : batches) {
    const Variable logits = model(Variable(batch.images));
    const Variable loss = cross_entropy(logits, batch.labels);
    value = loss.value().item();
    total += value;
    progress.show(++step, value);
    if (!std::isfinite(value)) throw Diverged(step, value, parameters);

    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  if (first_not_finite(parameters) != nullptr) throw Diverged(step, value, parameters);
  return total / static_cast<double>(step);
}

/// The fraction of images whose largest logit is at the label.
double accuracy(Mlp& model, const data::Dataset& dataset, Device device) {
  const NoGrad no_grad;
  model.eval();
  Index right = 0;
  for (const data::Batch& batch : data::Batches(dataset, 1000, device)) {
    const Labels guess = math::argmax(model(Variable(batch.images)).value());
    for (Index i = 0; i < guess.count(); ++i) right += guess.data()[i] == batch.labels.data()[i];
  }
  return static_cast<double>(right) / static_cast<double>(dataset.size());
}

struct Comparison {
  Arguments arguments;
  data::Mnist mnist;
  Results results;
};

/// Trains one model and adds its run, which is written after every epoch. All contenders of a seed
/// start from the same weights and see the same batches.
void train(const Contender& contender, std::uint64_t seed, const Comparison& comparison,
           std::vector<Run>& runs) {
  const auto& [arguments, mnist, results] = comparison;
  Rng rng(seed);
  Mlp model(rng);
  model.to(arguments.device);
  const auto optimizer = contender.make(model.parameters(), contender.lr);
  data::Batches batches(mnist.train, arguments.batch_size, Rng(seed, data::order_stream),
                        arguments.device);

  Run& run = runs.emplace_back(Run{.optimizer = contender.name,
                                   .lr = contender.lr,
                                   .seed = seed,
                                   .parameters = count(model.parameters()),
                                   .state_bytes = optimizer->state_bytes()});
  try {
    for (int epoch = 1; epoch <= arguments.epochs; ++epoch) {
      const std::string title =
          fmt::format("{} epoch {}/{}", run.optimizer, epoch, arguments.epochs);
      const Stopwatch watch;
      const double loss = train_epoch(model, *optimizer, batches, title, arguments);
      const double seconds = watch.seconds();
      run.epochs.push_back({epoch, loss, accuracy(model, mnist.test, arguments.device), seconds});
      if (!arguments.quiet) print_epoch(run, arguments.epochs);
      results.write(runs);
    }
  } catch (const Diverged& diverged) {
    run.stopped = fmt::format("epoch {}, {}", run.epochs.size() + 1, diverged.what());
    print_epoch(run, arguments.epochs);
    results.write(runs);
  }
}

const Defaults defaults = {
    .name = "mnist_compare",
    .about =
        "Trains the same 784-256-128-10 network on MNIST with different optimizers, from the "
        "same weights and on the same batches, and prints what each reached in how much time.",
    .contenders = contenders,
    .epochs = 3,
    .batch_size = 64,
};

/// Reads and checks all input before any training starts.
Comparison prepare(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, defaults);
  const std::filesystem::path source = MUONLAB_SOURCE_DIR;
  const data::Mnist mnist = data::load_mnist(data::find_mnist(arguments.data, source / "data"));
  return {arguments, mnist, Results("mnist", std::string(mnist.version()), arguments)};
}

int compare(const Comparison& comparison) {
  const auto& [arguments, mnist, results] = comparison;
  if (mnist.version() == "mini") {
    fmt::print(
        "data: {} training images of MNIST's 60000, so figures differ from the README's; "
        "data/fetch.sh mnist fetches all\n",
        mnist.train.size());
  }
  if (!arguments.quiet) {
    Rng rng(0);
    print_roles(Mlp(rng).parameters(), arguments.contenders);
  }
  std::vector<Run> runs;
  for (const std::uint64_t seed : arguments.seeds) {
    for (const Contender& contender : arguments.contenders) {
      train(contender, seed, comparison, runs);
    }
  }
  print_summary(runs);
  const auto stopped = [](const Run& run) { return !run.stopped.empty(); };
  return std::ranges::any_of(runs, stopped) ? 1 : 0;
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  return run_app([=] { return prepare(argc, argv); }, compare);
}
