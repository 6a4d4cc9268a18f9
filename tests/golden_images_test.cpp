#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/nn/layers.h"
#include "tests/random.h"

/// Operations on images against PyTorch in float64; tests/goldens/images.py writes what it
/// computes.
namespace muonlab::test {
namespace {

using nlohmann::json;

/// For the relative error of a tensor in the Frobenius norm: some ten times float32's rounding
/// error after sums of up to 100 products, and room for the order in which they are added.
constexpr double tolerance = 1e-5;

json cases(const std::string& op) {
  std::ifstream file(MUONLAB_SOURCE_DIR "/tests/goldens/images.json");
  return json::parse(file).at(op);
}

Tensor tensor_of(const json& values, Shape shape) {
  const auto list = values.get<std::vector<float>>();
  return Tensor(shape, std::span<const float>(list));
}

using Leaves = std::vector<Variable>;
using Op = std::function<Variable(const Leaves& leaves, const json& options)>;

Pair pair_of(const json& sizes) { return {sizes.at(0).get<Index>(), sizes.at(1).get<Index>()}; }

/// Compares the op's results and gradients in all of its cases.
void check_op(const std::string& name, const Op& op) {
  double worst = 0;
  const auto compare = [&worst](const Tensor& found, const json& expected) {
    const double error = relative_error(found, tensor_of(expected, found.shape()));
    CHECK(error < tolerance);
    worst = std::max(worst, error);
  };
  for (const json& item : cases(name)) {
    Leaves leaves;
    for (std::size_t i = 0; i < item.at("inputs").size(); ++i) {
      const auto sizes = item.at("shapes").at(i).get<std::vector<Index>>();
      const Shape shape{std::span<const Index>(sizes)};
      leaves.emplace_back(tensor_of(item.at("inputs").at(i), shape), true);
    }
    CAPTURE(item.at("shapes").dump());

    const Variable y = op(leaves, item);
    sum(y * Variable(tensor_of(item.at("weights"), y.shape()))).backward();

    compare(y.value(), item.at("output"));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      CAPTURE(i);
      compare(*leaves[i].grad(), item.at("gradients").at(i));
    }
  }
  MESSAGE(name, ": largest relative error of a result or gradient: ", worst);
}

TEST_CASE("conv2d agrees with PyTorch, forward and backward") {
  check_op("conv2d", [](const Leaves& v, const json& item) {
    const Conv2dOptions options = {.stride = pair_of(item.at("stride")),
                                   .padding = pair_of(item.at("padding")),
                                   .dilation = pair_of(item.at("dilation")),
                                   .groups = item.at("groups")};
    return v.size() == 2 ? conv2d(v[0], v[1], options) : conv2d(v[0], v[1], v[2], options);
  });
}

Pool2dOptions windows_of(const json& options) {
  return {.size = pair_of(options.at("size")),
          .stride = pair_of(options.at("stride")),
          .padding = pair_of(options.at("padding"))};
}

TEST_CASE("pooling agrees with PyTorch, forward and backward") {
  check_op("max_pool2d", [](const Leaves& v, const json& options) {
    return max_pool2d(v[0], windows_of(options));
  });
  check_op("avg_pool2d", [](const Leaves& v, const json& options) {
    return avg_pool2d(v[0], windows_of(options));
  });
}

TEST_CASE("batch norm agrees with PyTorch in training and evaluation, running statistics too") {
  check_op("batch_norm", [](const Leaves& v, const json& options) {
    if (options.at("training")) return batch_norm(v[0], v[1], v[2], options.at("eps")).y;
    const json& before = options.at("before");
    const Shape channels = v[1].shape();
    return batch_norm(v[0], v[1], v[2], tensor_of(before.at("running_mean"), channels),
                      tensor_of(before.at("running_var"), channels), options.at("eps"));
  });

  for (const json& item : cases("batch_norm")) {
    const auto sizes = item.at("shapes").at(0).get<std::vector<Index>>();
    const Shape shape{std::span<const Index>(sizes)};
    nn::BatchNorm2d norm(shape[1], {.momentum = item.at("momentum"), .eps = item.at("eps")});
    norm.train(item.at("training"));
    for (nn::Buffer& buffer : norm.buffers()) {
      buffer.tensor.copy_from(tensor_of(item.at("before").at(buffer.name), {shape[1]}));
    }

    norm(Variable(tensor_of(item.at("inputs").at(0), shape)));

    for (const nn::Buffer& buffer : norm.buffers()) {
      CAPTURE(buffer.name);
      const json& expected = item.at("after").at(buffer.name);
      CHECK(relative_error(buffer.tensor, tensor_of(expected, {shape[1]})) < tolerance);
    }
  }
}

TEST_CASE("group norm agrees with PyTorch, forward and backward") {
  check_op("group_norm", [](const Leaves& v, const json& options) {
    return group_norm(v[0], options.at("groups"), v[1], v[2], options.at("eps"));
  });
}

}  // namespace
}  // namespace muonlab::test
