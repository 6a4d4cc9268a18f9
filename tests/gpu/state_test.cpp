#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/replay.h"
#include "muonlab/nn/checkpoint.h"
#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/muon.h"
#include "tests/folder.h"
#include "tests/gpu/step.h"
#include "tests/random.h"

/// What a model and its optimizer remember: on the GPU as on the CPU, and saved in the middle of a
/// training.
namespace muonlab::test {
namespace {

using Values = std::vector<std::vector<float>>;

/// With buffers and a generator, on `device`.
class Model final : public nn::Layer {
 public:
  Model(Rng& rng, Device device) : rng_(rng) {
    head_.mark(nn::Role::head);
    to(device);
  }

  Variable operator()(const Variable& x) override {
    return head_(dropout_(flatten_(norm_(relu(conv_(x))))));
  }

 private:
  Rng& rng_;  // declared first: the layers below are built with it
  nn::Conv2d& conv_ = add<nn::Conv2d>("conv", 2, 4, 3, rng_);
  nn::BatchNorm2d& norm_ = add<nn::BatchNorm2d>("norm", 4);
  nn::Flatten& flatten_ = add<nn::Flatten>("flatten");
  nn::Dropout& dropout_ = add<nn::Dropout>("dropout", 0.3F, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 36, 3, rng_);
};

/// A model in training, on `device`.
struct Training {
  Training(std::uint64_t seed, Device device) : rng(seed), model(rng, device) {}

  /// Steps on batches `first` to `last`.
  void run(Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      Rng images(7, static_cast<std::uint64_t>(i));
      const Tensor x = random_normal({6, 2, 5, 5}, images);
      const Integers y({6}, {0, 1, 2, 2, 1, 0});
      const Device device = model.parameters()[0].variable.value().device();
      step({.images = x.to(device), .labels = y.to(device)});
      optimizer.step();
    }
  }

  /// Parameters, then buffers, then the optimizer's tensors.
  Values remembered() const {
    Values all;
    for (const nn::NamedTensor& named : nn::state(model)) all.push_back(values(named.tensor));
    for (const auto& named : optimizer.state().tensors) all.push_back(values(named.tensor));
    return all;
  }

  Rng rng;
  Model model;
  optim::Hybrid optimizer{
      model.parameters(),
      {optim::use<optim::Muon>({nn::Role::hidden}, {.precision = Precision::float32}),
       optim::use<optim::AdamW>({nn::Role::head, nn::Role::bias, nn::Role::gain}, {.lr = 0.01F})}};
  app::Step step = step_of(model, optimizer);
};

/// A training as a checkpoint has it: tensors in files, numbers beside them.
struct Saved {
  Saved(Training& training, const std::filesystem::path& folder)
      : model_file(folder / "model.safetensors"),
        optimizer_file(folder / "optimizer.safetensors"),
        updates(training.optimizer.state().updates) {
    nn::save(training.model, model_file);
    std::vector<nn::NamedTensor> tensors;
    for (const auto& [name, tensor, parameter, is_momentum] : training.optimizer.state().tensors) {
      tensors.push_back({name, tensor});
    }
    nn::write_safetensors(optimizer_file, tensors);
    for (const auto& [name, rng] : training.model.generators()) generators.push_back(rng->state());
  }

  void restore(Training& training) const {
    nn::load(training.model, model_file);
    optim::State state = training.optimizer.state();
    const std::vector<nn::NamedTensor> read = nn::read_safetensors(optimizer_file);
    state.updates = updates;
    state.tensors.clear();
    for (const auto& [name, tensor] : read) {
      state.tensors.push_back({.name = name, .tensor = tensor});
    }
    training.optimizer.load_state(state);
    std::size_t i = 0;
    for (const auto& [name, rng] : training.model.generators()) *rng = Rng(generators[i++]);
  }

  std::filesystem::path model_file, optimizer_file;
  std::vector<Index> updates;
  std::vector<Rng::State> generators;
};

TEST_CASE("running statistics are moved, kept and used on the GPU as on the CPU") {
  Training here(1, Device::cpu);
  Training there(1, Device::cuda);
  for (const nn::Buffer& buffer : there.model.buffers()) {
    CAPTURE(buffer.name);
    CHECK(buffer.tensor.device() == Device::cuda);
  }
  Rng rng(3);
  const Tensor x = random_normal({4, 2, 5, 5}, rng);
  for (Training* training : {&here, &there}) {
    training->run(0, 5);
    training->model.eval();
  }
  const std::vector<nn::NamedTensor> expected = nn::state(here.model);
  const std::vector<nn::NamedTensor> found = nn::state(there.model);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(expected[i].name);
    CHECK(relative_error(found[i].tensor.to(Device::cpu), expected[i].tensor) <= 1e-4);
  }
  const Tensor y = there.model(Variable(x.to(Device::cuda))).value();
  CHECK(relative_error(y.to(Device::cpu), here.model(Variable(x)).value()) <= 1e-4);
}

TEST_CASE("a training that was saved goes on with the same bits, also when it is replayed") {
  for (const bool replayed : {false, true}) {
    CAPTURE(replayed);
    set_replay(replayed);
    const Folder folder;
    Training training(1, Device::cuda);
    training.run(0, 4);
    const Saved saved(training, folder.path);
    training.run(4, 8);
    const Values end = training.remembered();

    saved.restore(training);  // under the recordings that it has
    training.run(4, 8);
    CHECK(training.remembered() == end);

    Training another(2, Device::cuda);
    another.run(0, 1);
    saved.restore(another);
    another.run(4, 8);
    CHECK(another.remembered() == end);
  }
  set_replay(false);
}

}  // namespace
}  // namespace muonlab::test
