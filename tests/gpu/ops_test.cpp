#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/precision.h"
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

/// Walks ops on both devices; the largest difference of an output or a gradient.
double worst_difference(const std::vector<OpCase>& cases, double bound) {
  double worst = 0;
  for (const OpCase& c : cases) {
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
  MESSAGE("largest relative difference: ", worst_difference(op_cases, 1e-5));
}

TEST_CASE("every op: output and all gradients as on the CPU, products in bfloat16") {
  const ProductPrecision scope(Precision::bfloat16);
  MESSAGE("largest relative difference: ", worst_difference(op_cases, 1e-4));
}

TEST_CASE("products in bfloat16 are not those in float32, forward and backward") {
  for (const OpCase& c : op_cases) {
    const bool multiplies = c.name.starts_with("matmul") || c.name.starts_with("linear") ||
                            c.name.starts_with("conv2d");
    if (!multiplies) continue;
    CAPTURE(c.name);
    Rng rng(5);
    const std::vector<Tensor> inputs = random_inputs(c, rng);
    const std::vector<Tensor> in_float32 = results(c, inputs, Device::cuda);
    const ProductPrecision scope(Precision::bfloat16);
    const std::vector<Tensor> in_bfloat16 = results(c, inputs, Device::cuda);
    for (std::size_t i = 0; i < 3; ++i) {  // not the bias's gradient, which is a sum
      CAPTURE(i);
      CHECK(difference(in_bfloat16[i], in_float32[i]) > 1e-3);
    }
  }
}

TEST_CASE("products of matrices without elements are zeros, and a bias is added to them") {
  const std::vector<OpCase> cases = {
      {"matmul", {{3, 0}, {0, 4}}, [](const auto& v) { return matmul(v[0], v[1]); }},
      {"matmul, batched", {{2, 3, 0}, {2, 0, 4}}, [](const auto& v) { return matmul(v[0], v[1]); }},
      {"matmul, no rows", {{0, 3}, {3, 4}}, [](const auto& v) { return matmul(v[0], v[1]); }},
      {"linear", {{3, 0}, {5, 0}, {5}}, [](const auto& v) { return linear(v[0], v[1], v[2]); }},
  };
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    const ProductPrecision scope(precision);
    worst_difference(cases, 1e-6);
  }
  const Tensor none({3, 0}, Device::cuda);
  const Tensor columns({0, 4}, Device::cuda);
  CHECK(values(matmul(Variable(none), Variable(columns)).value()) == std::vector<float>(12));
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
