#include <vector>

#include <doctest/doctest.h>

#include "apps/experiments/models.h"
#include "muonlab/core/math.h"
#include "muonlab/core/replay.h"
#include "muonlab/data/batches.h"
#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/muon.h"
#include "muonlab/optim/sgd.h"
#include "tests/gpu/step.h"
#include "tests/op_cases.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using nn::Role;

/// Images whose brightness says what they are.
data::Dataset dataset(Index count, const Shape& image) {
  data::Dataset set = {.images = Bytes({count, image[0], image[1], image[2]}),
                       .labels = Integers({count}),
                       .classes = 10};
  Rng rng(4);
  const Index size = image.count();
  for (Index i = 0; i < count; ++i) {
    const Index label = rng.below(10);
    set.labels.data()[i] = static_cast<std::int32_t>(label);
    for (Index k = 0; k < size; ++k) {
      set.images.data()[i * size + k] = static_cast<std::uint8_t>(20 * label + rng.below(30));
    }
  }
  return set;
}

struct Trained {
  std::vector<double> losses;
  std::vector<Tensor> weights;  // on the CPU
};

/// Two epochs in batches of 16, the last of an epoch smaller, with Muon and SGD.
template <class Model, class... Arguments>
Trained train(Device device, const Shape& image, Arguments... arguments) {
  Rng rng(3);
  Model model(arguments..., rng);
  model.to(device);
  optim::Hybrid optimizer(
      model.parameters(),
      {optim::use<optim::Muon>({Role::input, Role::hidden}, {.precision = Precision::float32}),
       optim::use<optim::Sgd>({Role::head, Role::bias}, {.lr = 0.05F, .momentum = 0.9F})});
  data::Batches batches(dataset(40, image).to(device), 16, Rng(3, data::order_stream));
  app::Step step = step_of(model, optimizer);
  Trained trained;
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (const data::Batch& batch : batches) {
      trained.losses.push_back(step(batch));
      optimizer.step();
    }
  }
  for (const nn::Parameter& p : model.parameters()) {
    trained.weights.push_back(p.variable.value().to(Device::cpu));
  }
  return trained;
}

Trained train_mlp(Device device) { return train<app::Mlp>(device, {1, 28, 28}); }
Trained train_cnn(Device device) { return train<app::Cnn>(device, {3, 32, 32}, Index{2}); }

void check_same(const Trained& a, const Trained& b) {
  CHECK(a.losses == b.losses);
  for (std::size_t i = 0; i < a.weights.size(); ++i) {
    CAPTURE(i);
    CHECK(values(a.weights[i]) == values(b.weights[i]));
  }
}

void check_close(const Trained& a, const Trained& b) {
  for (std::size_t i = 0; i < a.losses.size(); ++i) {
    CAPTURE(i);
    CHECK(a.losses[i] == doctest::Approx(b.losses[i]).epsilon(1e-3));
  }
  for (std::size_t i = 0; i < a.weights.size(); ++i) {
    CAPTURE(i);
    CHECK(relative_error(a.weights[i], b.weights[i]) <= 1e-4);
  }
}

TEST_CASE("training goes as on the CPU: the same weights, batches and dropout masks") {
  check_close(train_mlp(Device::cuda), train_mlp(Device::cpu));
  check_close(train_cnn(Device::cuda), train_cnn(Device::cpu));
}

TEST_CASE("training: the same bits in a second run, and when its steps are replayed") {
  for (const auto& run : {train_mlp, train_cnn}) {
    const Trained once = run(Device::cuda);
    check_same(once, run(Device::cuda));
    set_replay(true);
    check_same(once, run(Device::cuda));
    set_replay(false);
  }
}

TEST_CASE("dropout: the same masks as on the CPU, also when they are replayed") {
  const Tensor x = math::full({37}, 1);
  const Tensor z = math::full({6}, 1);
  std::vector<std::vector<float>> masks[3];
  Device device = Device::cpu;
  for (auto& of_device : masks) {
    Rng rng(9);
    Rng other(10);
    Replay replay;
    Tensor ys[3];
    const Variable large(x.to(device));
    const Variable small(z.to(device));
    for (int i = 0; i < 5; ++i) {
      replay(device, [&] {
        ys[0] = dropout(large, 0.3F, rng).value();
        ys[1] = dropout(small, 0.6F, other).value();
        ys[2] = dropout(small, 0.6F, rng).value();
      });
      for (const Tensor& y : ys) of_device.push_back(values(y));
    }
    set_replay(device == Device::cuda);  // the third time
    device = Device::cuda;
  }
  set_replay(false);
  CHECK(masks[0] == masks[1]);
  CHECK(masks[0] == masks[2]);
}

TEST_CASE("an optimizer that was made before its parameters moved says so") {
  Rng rng(1);
  nn::Linear linear(3, 2, rng);
  optim::Sgd optimizer(linear.parameters(), {.lr = 0.1F, .momentum = 0.9F});
  linear.to(Device::cuda);
  sum(linear(Variable(math::full({1, 3}, 1, Device::cuda)))).backward();
  CHECK_THROWS_WITH_AS(optimizer.step(),
                       "sgd: its state is on cpu, weight on cuda; make the optimizer after the "
                       "model has moved",
                       Error);
}

TEST_CASE("a recording within a recording is part of it") {
  set_replay(true);
  Replay outer;
  Replay inner;
  const Tensor x = math::full({3}, 2, Device::cuda);
  Tensor y;
  for (int i = 0; i < 4; ++i) {
    outer(Device::cuda, [&] { inner(Device::cuda, [&] { y = math::mul(x, x); }); });
    CHECK(values(y.to(Device::cpu)) == std::vector<float>{4, 4, 4});
  }
  set_replay(false);
}

TEST_CASE("a recording that fails is an error, and the GPU goes on") {
  set_replay(true);
  Replay replay;
  const Tensor x = math::full({3}, 2, Device::cuda);
  const auto reads = [&] { math::sum(x).item(); };
  replay(Device::cuda, reads);  // only what is recorded must not wait
  CHECK_THROWS_AS(replay(Device::cuda, reads), Error);
  set_replay(false);
  CHECK(math::sum(x).item() == 6);
}

TEST_CASE("an array on the wrong device is named") {
  const Tensor cpu = math::full({2, 3}, 1);
  const Tensor cuda = cpu.to(Device::cuda);
  CHECK_THROWS_WITH_AS(math::add(cuda, cpu),
                       "broadcast: (2, 3) is on cuda, (2, 3) on cpu; move one with to()", Error);
  for (const OpCase& c : op_cases) {  // each input alone on the CPU
    CAPTURE(c.name);
    Rng rng(1);
    const std::vector<Tensor> inputs = random_inputs(c, rng);
    for (std::size_t k = 0; inputs.size() > 1 && k < inputs.size(); ++k) {
      CAPTURE(k);
      std::vector<Variable> v;
      for (const Tensor& input : inputs) v.emplace_back(input.to(Device::cuda));
      v[k] = Variable(inputs[k]);
      CHECK_THROWS_AS(c.op(v), Error);
    }
  }
  CHECK_THROWS_WITH_AS(cuda.values(), "values: (2, 3) is on the GPU; copy it with to(Device::cpu)",
                       Error);
}

TEST_CASE("memory on the GPU is counted and returned") {
  const Index before = memory::live_bytes(Device::cuda);
  {
    const Tensor x = math::full({1000}, 1, Device::cuda);
    CHECK(memory::live_bytes(Device::cuda) >= before + 4000);
  }
  CHECK(memory::live_bytes(Device::cuda) == before);
  memory::release_unused(Device::cuda);
}

}  // namespace
}  // namespace muonlab::test
