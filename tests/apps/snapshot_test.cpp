#include "apps/keeping/snapshot.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/math.h"
#include "muonlab/data/batches.h"
#include "muonlab/nn/layers.h"
#include "muonlab/optim/adam.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

using app::Experiment;
using app::Training;

/// With all that a module can keep: parameters, a buffer that every step changes, a generator.
class Net final : public nn::Layer {
 public:
  explicit Net(Rng& rng) : rng_(rng) { head_.mark(nn::Role::head); }

  Variable operator()(const Variable& x) override {
    Variable y = head_(dropout_(flatten_(x)));
    if (is_training()) math::combine(0.5F, last_, 0.5F, y.value().slice(0, 1), last_);
    return y;
  }

 private:
  Rng& rng_;
  Tensor& last_ = add_buffer("last", math::zeros({1, 3}));
  nn::Flatten& flatten_ = add<nn::Flatten>("flatten");
  nn::Dropout& dropout_ = add<nn::Dropout>("dropout", 0.5F, rng_);
  nn::Linear& head_ = add<nn::Linear>("head", 4, 3, rng_);
};

data::Dataset small_set() {
  data::Dataset set = {.images = Bytes({10, 1, 2, 2}), .labels = Integers({10}), .classes = 3};
  for (Index i = 0; i < 40; ++i) set.images.data()[i] = static_cast<std::uint8_t>(i * 37);
  for (Index i = 0; i < 10; ++i) set.labels.data()[i] = static_cast<std::int32_t>(i % 3);
  return set;
}

Training new_training() {
  const auto set = std::make_shared<data::Images>(small_set());
  Experiment experiment = {
      .protocol = "test", .data = "small", .train = set, .test = set, .batch_size = 3};
  experiment.make_model = [](Rng& rng) { return std::make_unique<Net>(rng); };
  const app::Contender adamw = {
      .name = "adamw", .about = "", .lr = 0.1F, .routes = [](const app::Tuning& tuning) {
        return std::vector{optim::use<optim::AdamW>(app::all_roles, {.lr = tuning.lr})};
      }};
  return {adamw, 7, experiment, Device::cpu};
}

/// All that decides how a training goes on, to the bit; its seconds do not.
std::string text_of(const Training& training) {
  app::Json json = to_json(training);
  json.erase("seconds");
  std::string text = json.dump();
  for (const auto& [name, tensor] : tensors_of(training)) {
    const auto bytes = std::as_bytes(tensor.values());
    text += name + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return text;
}

struct Stop {};

/// Trains from `epoch` on, to the end of epoch 2 or until `steps` more are done. Returns the epoch.
Index train(Training& training, Index epoch, Index steps) {
  const auto after_step = [&steps] {
    if (--steps == 0) throw Stop();
  };
  try {
    for (; epoch < 3; ++epoch) {
      train_epoch(training, epoch, after_step);
      training.position.batch = 0;
    }
  } catch (const Stop&) {
  }
  return epoch;
}

TEST_CASE("a training restored after any step ends with the bits of one that went on") {
  constexpr Index all = 1000;
  Training whole = new_training();
  train(whole, 0, all);
  const Folder folder;
  const std::filesystem::path file = folder.path / "tensors";
  for (Index steps = 1; steps <= 12; ++steps) {
    CAPTURE(steps);
    Training stopped = new_training();
    const Index epoch = train(stopped, 0, steps);
    nn::write_safetensors(file, tensors_of(stopped));
    const app::Json json = app::Json::parse(to_json(stopped).dump());

    Training resumed = new_training();
    restore(resumed, epoch, app::Fields(json, "json"), nn::read_safetensors(file), "tensors");
    CHECK(text_of(resumed) == text_of(stopped));
    train(resumed, epoch, all);
    CHECK(text_of(resumed) == text_of(whole));
  }
}

TEST_CASE("a state of another model is refused by the file's name") {
  Training training = new_training();
  const auto error = [&training](const app::Json& json,
                                 const std::vector<nn::NamedTensor>& tensors) {
    return Folder().error([&] { restore(training, 0, app::Fields(json, "J"), tensors, "T"); });
  };
  const app::Json json = to_json(training);
  const std::vector<nn::NamedTensor> all = tensors_of(training);
  CHECK(error(json, {all.begin() + 1, all.end()}) ==
        "T: not the parameters and buffers of this module, missing \"head.weight\"");
  CHECK(error(json, {all.begin(), all.end() - 1}) ==
        "T: adamw: the state is of another model or rule, got 3 tensors, expected 4");
  app::Json other = json;
  other["generators"] = {{"other", 1}};
  CHECK(error(other, all) == "J: generators.dropout.rng: is missing");
  other = json;
  other["generators"]["dropout.rng"]["words"] = -1;
  CHECK(error(other, all) ==
        "J: generators.dropout.rng.words: got -1, expected a whole number below 2^64");
}

}  // namespace
}  // namespace muonlab::test
