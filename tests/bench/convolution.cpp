// The convolutions of cifar_compare: 3x3, as many pixels out as in, batches of 128.

#include <fmt/format.h>
#include <string>

#include "muonlab/core/kernels/conv2d.h"
#include "muonlab/core/rng.h"
#include "tests/bench/benchmarks.h"
#include "tests/random.h"

namespace muonlab::bench {
namespace {

struct Layer {
  std::string name;
  Index in, out, side;
};

struct Operands {
  explicit Operands(const Layer& layer)
      : x(random({batch, layer.in, layer.side, layer.side})),
        w(random({layer.out, layer.in, 3, 3})),
        y(random({batch, layer.out, layer.side, layer.side})) {}

  static Tensor random(Shape shape) {
    Rng rng(0);
    return test::random_normal(shape, rng);
  }

  static constexpr Index batch = 128;
  Tensor x, w, y;
};

constexpr Conv2dOptions same = {.padding = {1, 1}};

/// `work(operands)` runs a kernel of the layer once.
template <class Work>
void add_kernel(const Layer& layer, const std::string& what, Precision precision,
                const Work& work) {
  add(fmt::format("convolution/{}/{}/{}", layer.name, what, name_of(precision)),
      [layer, precision, work](benchmark::State& state) {
        Operands operands(layer);
        while (state.KeepRunning()) work(operands);
        count_flops(state, 2.0 * 9 * static_cast<double>(layer.in * operands.y.count()), precision);
      });
}

void add_layer(const Layer& layer) {
  for (const Precision p : precisions) {
    add_kernel(layer, "forward", p, [p](Operands& t) {
      const kernel::Conv2d call{
          .x = t.x, .w = t.w, .bias = nullptr, .y = t.y, .options = same, .precision = p};
      muonlab::run(Device::cpu, call);
    });
  }
  for (const Precision p : precisions) {
    add_kernel(layer, "dx", p, [p](Operands& t) {
      const kernel::Conv2dInputGrad call{
          .w = t.w, .dy = t.y, .dx = t.x, .options = same, .precision = p};
      muonlab::run(Device::cpu, call);
    });
  }
  for (const Precision p : precisions) {
    add_kernel(layer, "dw", p, [p](Operands& t) {
      const kernel::Conv2dWeightGrad call{
          .x = t.x, .dy = t.y, .dw = t.w, .options = same, .precision = p};
      muonlab::run(Device::cpu, call);
    });
  }
}

}  // namespace

void add_convolution() {
  add_layer({"conv1", 3, 32, 32});
  add_layer({"conv2", 32, 64, 16});
  add_layer({"conv3", 64, 128, 8});
}

}  // namespace muonlab::bench
