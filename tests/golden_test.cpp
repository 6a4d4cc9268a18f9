#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/clip.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/schedule.h"
#include "muonlab/optim/sgd.h"
#include "tests/op_cases.h"
#include "tests/random.h"

/// Against what PyTorch computes in float64; tests/goldens/make.py writes it.
namespace muonlab::test {
namespace {

using nlohmann::json;
using nn::Role;
using optim::Coefficients;
using optim::Momentum;
using optim::ScaleRule;

/// For the relative error of a loss, or of a tensor in the Frobenius norm. float32 rounds at 6e-8,
/// and a step is a chain of some ten roundings that twenty steps add up; clipping in PyTorch
/// divides by the norm plus 1e-6.
constexpr double tolerance = 1e-5;

json read(const std::string& name) {
  std::ifstream file(MUONLAB_SOURCE_DIR "/tests/goldens/" + name);
  return json::parse(file);
}

template <class T = float>
Array<T> array_of(const json& values, Shape shape) {
  const auto list = values.get<std::vector<T>>();
  return Array<T>(shape, std::span<const T>(list));
}

constexpr Index steps = 20;
constexpr Index batch = 16;
constexpr Index length = 3;

/// The network of make.py, with the same names.
class Network final : public nn::Module {
 public:
  Network() {
    head_.mark(Role::head);
    eval();
  }

  Variable operator()(const Integers& symbols) {
    const Variable x = reshape(embedding_(symbols), {batch, 4 * length});
    return head_(tanh(tall_(dropout_(norm_(gelu(wide_(x)))))));
  }

 private:
  Rng rng_{1};
  nn::Embedding& embedding_ = add<nn::Embedding>("embedding", 9, 4, rng_);
  nn::Linear& wide_ = add<nn::Linear>("wide", 4 * length, 8, rng_);
  nn::LayerNorm& norm_ = add<nn::LayerNorm>("norm", 8);
  nn::Dropout& dropout_ = add<nn::Dropout>("dropout", 0.5F, rng_);
  nn::Linear& tall_ = add<nn::Linear>("tall", 8, 14, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 14, 5, rng_);
};

/// One way to train it, by its name in make.py.
struct Trajectory {
  std::string name;
  std::function<std::unique_ptr<optim::Optimizer>(const nn::Parameters&, Precision)> make;
  float label_smoothing = 0;
  double max_norm = std::numeric_limits<double>::infinity();
  optim::Schedule schedule = optim::constant_schedule();
};

/// One optimizer for all parameters.
template <class O>
auto everywhere(typename O::Options options) {
  return [options](const nn::Parameters& parameters, Precision) {
    return std::make_unique<O>(parameters, options);
  };
}

/// Muon for the hidden matrices, another optimizer for the rest.
template <class O>
auto muon_and(optim::MuonOptions muon, typename O::Options options) {
  return [muon, options](const nn::Parameters& parameters, Precision precision) mutable {
    muon.precision = precision;
    const std::vector routes = {
        optim::use<optim::Muon>({Role::hidden}, muon),
        optim::use<O>({Role::input, Role::head, Role::gain, Role::bias}, options)};
    return std::make_unique<optim::Hybrid>(parameters, routes);
  };
}

const optim::Schedule cosine = optim::cosine_schedule({.steps = steps, .warmup = 5, .last = 0.1F});

const std::vector<Trajectory> trajectories = {
    {"sgd", everywhere<optim::Sgd>({.lr = 0.1F})},
    {"sgd, nesterov and L2",
     everywhere<optim::Sgd>(
         {.lr = 0.05F, .momentum = 0.9F, .weight_decay = 0.01F, .nesterov = true})},
    {"sgd, dampening", everywhere<optim::Sgd>({.lr = 0.1F, .momentum = 0.8F, .dampening = 0.3F})},
    {.name = "sgd, clipped",
     .make = everywhere<optim::Sgd>({.lr = 0.2F, .momentum = 0.9F}),
     .max_norm = 0.6},
    {"adam, L2", everywhere<optim::Adam>({.lr = 0.01F, .weight_decay = 0.02F})},
    {.name = "adam, smoothed labels",
     .make = everywhere<optim::Adam>({.lr = 0.01F, .beta1 = 0.8F, .beta2 = 0.95F, .eps = 1e-3F}),
     .label_smoothing = 0.1F},
    {"adamw", everywhere<optim::AdamW>({.lr = 0.01F, .weight_decay = 0.1F})},
    {.name = "adamw, cosine",
     .make = everywhere<optim::AdamW>({.lr = 0.02F, .weight_decay = 0.01F}),
     .schedule = cosine},
    {"muon", muon_and<optim::Sgd>({.lr = 0.02F, .momentum = 0.95F}, {.lr = 0.1F})},
    {"muon, sum", muon_and<optim::Sgd>({.lr = 0.05F,
                                        .momentum = 0.8F,
                                        .nesterov = false,
                                        .form = Momentum::sum,
                                        .steps = 6,
                                        .coefficients = Coefficients::quintic,
                                        .scale = ScaleRule::match_rms},
                                       {.lr = 0.1F})},
    {"muon, decay", muon_and<optim::Sgd>({.lr = 0.02F,
                                          .momentum = 0.95F,
                                          .coefficients = Coefficients::polar_express,
                                          .scale = ScaleRule::spectral,
                                          .weight_decay = 0.5F},
                                         {.lr = 0.1F})},
    {"muon, cubic", muon_and<optim::Sgd>({.lr = 0.02F,
                                          .momentum = 0.9F,
                                          .form = Momentum::sum,
                                          .steps = 3,
                                          .coefficients = Coefficients::cubic},
                                         {.lr = 0.1F})},
    {.name = "hybrid",
     .make = muon_and<optim::AdamW>(
         {.lr = 0.02F, .momentum = 0.95F, .scale = ScaleRule::match_rms, .weight_decay = 0.1F},
         {.lr = 0.01F, .weight_decay = 0.1F}),
     .max_norm = 0.55,
     .schedule = cosine},
};

/// The loss of each step, before its update.
std::vector<double> train(Network& network, const Trajectory& t, const Integers& symbols,
                          const Integers& labels, Precision precision) {
  const auto optimizer = t.make(network.parameters(), precision);
  std::vector<double> losses;
  for (Index step = 0; step < steps; ++step) {
    const Variable logits = network(symbols.slice(step, step + 1).reshape({batch, length}));
    const Variable loss =
        cross_entropy(logits, labels.slice(step, step + 1), {.label_smoothing = t.label_smoothing});
    optimizer->zero_grad();
    loss.backward();
    optim::clip_grad_norm(network.parameters(), t.max_norm);
    optimizer->set_lr_scale(t.schedule(step));
    optimizer->step();
    losses.push_back(loss.value().item());
  }
  return losses;
}

/// Checks a trajectory of PyTorch's; the largest relative error of a loss or parameter.
double follow(const json& golden, const Trajectory& t, Precision precision) {
  const auto symbols = array_of<std::int32_t>(golden.at("symbols"), {steps, batch, length});
  const auto labels = array_of<std::int32_t>(golden.at("labels"), {steps, batch});
  CAPTURE(t.name);
  const json& expected = golden.at("cases").at(t.name);
  Network network;
  for (nn::Parameter& p : network.parameters()) {
    p.variable.value().copy_from(array_of(golden.at("initial").at(p.name), p.variable.shape()));
  }

  const std::vector<double> losses = train(network, t, symbols, labels, precision);

  double worst = 0;
  for (std::size_t step = 0; step < losses.size(); ++step) {
    CAPTURE(step);
    const double loss = expected.at("losses").at(step);
    const double error = std::abs(losses[step] - loss) / loss;
    CHECK(error < tolerance);
    worst = std::max(worst, error);
  }
  for (const nn::Parameter& p : network.parameters()) {
    CAPTURE(p.name);
    const Tensor& value = p.variable.value();
    const double error =
        relative_error(value, array_of(expected.at("final").at(p.name), value.shape()));
    CHECK(error < tolerance);
    worst = std::max(worst, error);
  }
  return worst;
}

TEST_CASE("every optimizer follows PyTorch's trajectory for twenty steps") {
  const json golden = read("trajectories.json");
  CHECK(golden.at("cases").size() == trajectories.size());
  double worst = 0;
  for (const Trajectory& t : trajectories) {
    worst = std::max(worst, follow(golden, t, Precision::float32));
  }
  MESSAGE("largest relative error of a loss or parameter: ", worst);
}

TEST_CASE("Muon follows it in bfloat16, too, which is float32 for matrices as small as these") {
  const json golden = read("trajectories.json");
  for (const Trajectory& t : trajectories) {
    if (t.name.starts_with("muon")) follow(golden, t, Precision::bfloat16);
  }
}

TEST_CASE("what a network is made of agrees with PyTorch, forward and backward") {
  const json golden = read("ops.json");
  double worst = 0;
  for (const auto& item : golden.items()) {
    CAPTURE(item.key());
    const auto op_case = std::ranges::find(op_cases, item.key(), &OpCase::name);
    REQUIRE((op_case != op_cases.end()));
    const json& expected = item.value();
    std::vector<Variable> leaves;
    for (std::size_t i = 0; i < op_case->inputs.size(); ++i) {
      leaves.emplace_back(array_of(expected.at("inputs").at(i), op_case->inputs[i]), true);
    }

    const Variable y = op_case->op(leaves);
    sum(y * Variable(array_of(expected.at("weights"), y.shape()))).backward();

    const double error = relative_error(y.value(), array_of(expected.at("output"), y.shape()));
    CHECK(error < tolerance);
    worst = std::max(worst, error);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      CAPTURE(i);
      const double gradient_error = relative_error(
          *leaves[i].grad(), array_of(expected.at("gradients").at(i), leaves[i].shape()));
      CHECK(gradient_error < tolerance);
      worst = std::max(worst, gradient_error);
    }
  }
  MESSAGE("largest relative error of a result or gradient: ", worst);
}

}  // namespace
}  // namespace muonlab::test
