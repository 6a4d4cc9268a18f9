#include "apps/keeping/snapshot.h"

#include <fmt/format.h>
#include <limits>
#include <string_view>

#include "muonlab/nn/checkpoint.h"

namespace muonlab::app {
namespace {

constexpr std::string_view model_prefix = "model.";
constexpr std::string_view optimizer_prefix = "optimizer.";

/// The tensors whose names begin with `prefix`, under the names without it.
std::vector<nn::NamedTensor> below(std::string_view prefix,
                                   const std::vector<nn::NamedTensor>& tensors) {
  std::vector<nn::NamedTensor> some;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) some.push_back({name.substr(prefix.size()), tensor});
  }
  return some;
}

void restore(optim::Optimizer& optimizer, const Fields& updates, Index steps,
             const std::vector<nn::NamedTensor>& tensors, const std::string& file) {
  optim::State state;
  for (const auto& [name, tensor] : tensors) {
    state.tensors.push_back({.name = name, .tensor = tensor});
  }
  updates.each(
      [&state, steps](const Fields& count) { state.updates.push_back(count.whole(0, steps)); });
  try {
    optimizer.load_state(state);
  } catch (const Error& error) {
    throw Error(file + ": " + error.what());
  }
}

void restore(nn::Module& model, const Fields& generators) {
  const auto own = model.generators();
  generators.check_is(generators.names().size() == own.size(),
                      fmt::format("the model's {} generators", own.size()));
  for (const auto& [name, rng] : own) {
    const Fields state = generators.at(name);
    *rng = Rng(Rng::State{.seed = state.at("seed").bits(),
                          .stream = state.at("stream").bits(),
                          .words = state.at("words").bits()});
  }
}

}  // namespace

std::vector<nn::NamedTensor> tensors_of(const Training& training) {
  std::vector<nn::NamedTensor> tensors;
  for (const auto& [name, tensor] : nn::state(*training.model)) {
    tensors.push_back({std::string(model_prefix) + name, tensor});
  }
  for (const optim::State::Named& named : training.optimizer->state().tensors) {
    tensors.push_back({std::string(optimizer_prefix) + named.name, named.tensor});
  }
  return tensors;
}

Json to_json(const Training& training) {
  Json generators = Json::object();
  for (const auto& [name, rng] : training.model->generators()) {
    const auto [seed, stream, words] = rng->state();
    generators[name] = {{"seed", seed}, {"stream", stream}, {"words", words}};
  }
  const auto& [batch, loss, loss_sum, seconds] = training.position;
  return {{"batch", batch},
          {"loss", loss},
          {"loss_sum", loss_sum},
          {"seconds", seconds},
          {"updates", training.optimizer->state().updates},
          {"generators", generators}};
}

void restore(Training& training, Index epochs, const Fields& fields,
             const std::vector<nn::NamedTensor>& tensors, const std::string& file) {
  const Index batches = training.batches.size();
  const Index batch = fields.at("batch").whole(0, batches);
  constexpr double largest_loss = std::numeric_limits<float>::max();
  training.position = {
      .batch = batch,
      .loss = fields.at("loss").number(0, largest_loss),
      .loss_sum = fields.at("loss_sum").number(0, static_cast<double>(batch) * largest_loss),
      .seconds = fields.at("seconds").number(0)};
  nn::load_state(*training.model, below(model_prefix, tensors), file);
  restore(*training.optimizer, fields.at("updates"), epochs * batches + batch,
          below(optimizer_prefix, tensors), file);
  restore(*training.model, fields.at("generators"));
}

}  // namespace muonlab::app
