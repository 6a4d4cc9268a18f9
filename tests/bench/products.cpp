// The products of the apps' linear layers, three for each, and of squares.

#include <fmt/format.h>
#include <string>
#include <utility>

#include "muonlab/core/kernels/matmul.h"
#include "muonlab/core/rng.h"
#include "tests/bench/benchmarks.h"
#include "tests/random.h"

namespace muonlab::bench {
namespace {

using kernel::MatMul;
using kernel::Op;

/// c = op(a) op(b): (m, k) times (k, n).
struct Product {
  std::string name;
  Index m, k, n;
  Op op_a = Op::none;
  Op op_b = Op::none;
};

Tensor operand(Op op, Index rows, Index columns) {
  Rng rng(0);
  const Shape shape = op == Op::none ? Shape{rows, columns} : Shape{columns, rows};
  return test::random_normal(shape, rng);
}

void measure(benchmark::State& state, const Product& product, Precision precision) {
  const auto& [name, m, k, n, op_a, op_b] = product;
  const Tensor a = operand(op_a, m, k);
  const Tensor b = operand(op_b, k, n);
  Tensor c({m, n});
  while (state.KeepRunning()) {
    muonlab::run(
        Device::cpu,
        MatMul{.a = a, .b = b, .c = c, .op_a = op_a, .op_b = op_b, .precision = precision});
  }
  count_flops(state, 2.0 * static_cast<double>(m * k * n), precision);
}

void add_product(const Product& product) {
  for (const Precision precision : precisions) {
    add(fmt::format("products/{}/{}", product.name, name_of(precision)),
        [product, precision](benchmark::State& state) { measure(state, product, precision); });
  }
}

/// y = x w^T, dx = dy w and dw = dy^T x of a layer with weights (out, in).
void add_layer(const std::string& name, Index batch, Index in, Index out) {
  add_product({name + "/forward", batch, in, out, Op::none, Op::transpose});
  add_product({name + "/dx", batch, out, in});
  add_product({name + "/dw", out, batch, in, Op::transpose});
}

}  // namespace

void add_products() {
  add_layer("mnist_fc1", 64, 784, 256);
  add_layer("mnist_fc2", 64, 256, 128);
  add_layer("mnist_head", 64, 128, 10);
  add_layer("cifar_fc", 128, 2048, 512);
  add_layer("cifar_head", 128, 512, 10);
  for (const Index side : {256, 512, 1024, 2048}) {
    add_product({fmt::format("square_{}", side), side, side, side});
  }
}

}  // namespace muonlab::bench
