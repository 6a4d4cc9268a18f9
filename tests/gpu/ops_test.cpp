#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "core/precision.h"
#include "tests/op_cases.h"

namespace muonlab::test {
namespace {

/// What an op makes of its inputs, and the gradients it sends back, all on the CPU.
std::vector<Tensor> results(const OpCase& c, const std::vector<Tensor>& inputs, Device device) {
  std::vector<Variable> leaves;
  for (const Tensor& input : inputs) leaves.emplace_back(input.to(device), true);
  const Variable y = c.op(leaves);
  Rng rng(11);
  const Tensor weights = random_uniform(y.shape(), 0.2F, 1, rng);
  sum(y * Variable(weights.to(device))).backward();
  std::vector<Tensor> all = {y.value().to(Device::cpu)};
  for (const Variable& leaf : leaves) all.push_back(leaf.grad()->to(Device::cpu));
  return all;
}

/// The largest difference, relative to the largest element: a sum of terms of that size that
/// cancels keeps their rounding errors.
double difference(const Tensor& a, const Tensor& b) {
  double worst = 0;
  double largest = 0;
  for (Index i = 0; i < a.count(); ++i) {
    worst = std::max(worst, std::abs(double{a.data()[i]} - b.data()[i]));
    largest = std::max(largest, std::abs(double{b.data()[i]}));
    if (std::isnan(a.data()[i]) != std::isnan(b.data()[i])) return INFINITY;
  }
  return largest == 0 ? worst : worst / largest;
}

/// Walks all ops on both devices; the largest difference of an output or a gradient.
double worst_difference(double bound) {
  double worst = 0;
  for (const OpCase& c : op_cases) {
    CAPTURE(c.name);
    Rng rng(5);
    const std::vector<Tensor> inputs = random_inputs(c, rng);
    const std::vector<Tensor> cpu = results(c, inputs, Device::cpu);
    const std::vector<Tensor> cuda = results(c, inputs, Device::cuda);
    for (std::size_t i = 0; i < cpu.size(); ++i) {
      CAPTURE(i);  // 0: the output; else the gradient of input i - 1
      REQUIRE(cuda[i].shape() == cpu[i].shape());
      const double d = difference(cuda[i], cpu[i]);
      CHECK(d <= bound);
      worst = std::max(worst, d);
    }
  }
  return worst;
}

TEST_CASE("every op: output and all gradients as on the CPU, in float32") {
  MESSAGE("largest relative difference: ", worst_difference(1e-5));
}

TEST_CASE("every op: output and all gradients as on the CPU, products in bfloat16") {
  const ProductPrecision scope(Precision::bfloat16);
  MESSAGE("largest relative difference: ", worst_difference(5e-3));
}

TEST_CASE("every op: the same bits in a second run") {
  for (const OpCase& c : op_cases) {
    CAPTURE(c.name);
    Rng rng(5);
    const std::vector<Tensor> inputs = random_inputs(c, rng);
    const std::vector<Tensor> once = results(c, inputs, Device::cuda);
    const std::vector<Tensor> twice = results(c, inputs, Device::cuda);
    for (std::size_t i = 0; i < once.size(); ++i) CHECK(values(once[i]) == values(twice[i]));
  }
}

}  // namespace
}  // namespace muonlab::test
