#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "muonlab/autograd/functions.h"
#include "tests/random.h"

namespace muonlab::test {

using kernel::Op;

/// Where the random inputs of a case are drawn from: away from kinks, where log, sqrt and division
/// are smooth, or so far apart that the largest of some stays the largest.
enum class Domain { around_zero, positive, apart };

/// One row per op. The gradient test and the CPU/CUDA parity test both walk this table.
struct OpCase {
  std::string name;
  std::vector<Shape> inputs;
  std::function<Variable(const std::vector<Variable>&)> op;
  Domain domain = Domain::around_zero;
};

inline const std::vector<OpCase> op_cases = {
    {"relu", {{4, 5}}, [](const auto& v) { return relu(v[0]); }},
    {"tanh", {{4, 5}}, [](const auto& v) { return tanh(v[0]); }},
    {"sigmoid", {{4, 5}}, [](const auto& v) { return sigmoid(v[0]); }},
    {"silu", {{4, 5}}, [](const auto& v) { return silu(v[0]); }},
    {"gelu", {{4, 5}}, [](const auto& v) { return gelu(v[0]); }},
    {"gelu_tanh", {{4, 5}}, [](const auto& v) { return gelu_tanh(v[0]); }},
    {"exp", {{4, 5}}, [](const auto& v) { return exp(v[0]); }},
    {"log", {{4, 5}}, [](const auto& v) { return log(v[0]); }, Domain::positive},
    {"abs", {{4, 5}}, [](const auto& v) { return abs(v[0]); }},
    {"square", {{4, 5}}, [](const auto& v) { return square(v[0]); }},
    {"sqrt", {{4, 5}}, [](const auto& v) { return sqrt(v[0]); }, Domain::positive},

    {"add", {{3, 4}, {3, 4}}, [](const auto& v) { return v[0] + v[1]; }},
    {"add, a row", {{3, 4}, {4}}, [](const auto& v) { return v[0] + v[1]; }},
    {"add, a number", {{}, {3, 4}}, [](const auto& v) { return v[0] + v[1]; }},
    {"add, both repeat", {{3, 1, 2}, {4, 1}}, [](const auto& v) { return v[0] + v[1]; }},
    {"sub", {{3, 4}, {3, 1}}, [](const auto& v) { return v[0] - v[1]; }},
    {"mul", {{2, 3, 4}, {3, 1}}, [](const auto& v) { return v[0] * v[1]; }},
    {"mul, of itself", {{3, 4}}, [](const auto& v) { return v[0] * v[0]; }},
    {"div", {{2, 3}, {2, 3}}, [](const auto& v) { return v[0] / v[1]; }, Domain::positive},
    {"div, a column",
     {{2, 3}, {2, 1}},
     [](const auto& v) { return v[0] / v[1]; },
     Domain::positive},
    {"scale", {{3, 4}}, [](const auto& v) { return -2.5F * v[0]; }},

    {"matmul", {{3, 4}, {4, 5}}, [](const auto& v) { return matmul(v[0], v[1]); }},
    {"matmul, batched", {{2, 3, 4}, {2, 4, 5}}, [](const auto& v) { return matmul(v[0], v[1]); }},
    {"matmul, shared b", {{2, 3, 4}, {4, 5}}, [](const auto& v) { return matmul(v[0], v[1]); }},
    {"matmul, in tiles", {{130, 70}, {70, 140}}, [](const auto& v) { return matmul(v[0], v[1]); }},
    {"matmul, a transposed",
     {{4, 3}, {4, 5}},
     [](const auto& v) { return matmul(v[0], v[1], Op::transpose); }},
    {"matmul, b transposed",
     {{3, 4}, {5, 4}},
     [](const auto& v) { return matmul(v[0], v[1], Op::none, Op::transpose); }},
    {"matmul, both transposed, batched",
     {{2, 4, 3}, {2, 5, 4}},
     [](const auto& v) { return matmul(v[0], v[1], Op::transpose, Op::transpose); }},
    {"matmul, shared b transposed",
     {{2, 3, 4}, {5, 4}},
     [](const auto& v) { return matmul(v[0], v[1], Op::none, Op::transpose); }},
    {"matmul, a transposed, shared b",
     {{2, 4, 3}, {4, 5}},
     [](const auto& v) { return matmul(v[0], v[1], Op::transpose); }},
    {"matmul, both transposed, shared b",
     {{2, 2, 4, 3}, {5, 4}},
     [](const auto& v) { return matmul(v[0], v[1], Op::transpose, Op::transpose); }},
    {"linear", {{3, 4}, {5, 4}, {5}}, [](const auto& v) { return linear(v[0], v[1], v[2]); }},
    {"linear, of three axes",
     {{2, 3, 4}, {5, 4}, {5}},
     [](const auto& v) { return linear(v[0], v[1], v[2]); }},
    {"linear, no bias", {{3, 4}, {5, 4}}, [](const auto& v) { return linear(v[0], v[1]); }},

    {"conv2d",
     {{2, 2, 4, 5}, {3, 2, 3, 3}, {3}},
     [](const auto& v) { return conv2d(v[0], v[1], v[2]); }},
    {"conv2d, no bias",
     {{2, 2, 4, 5}, {3, 2, 3, 3}},
     [](const auto& v) { return conv2d(v[0], v[1]); }},
    {"conv2d, stride and padding",
     {{2, 2, 5, 6}, {4, 2, 3, 3}, {4}},
     [](const auto& v) {
       return conv2d(v[0], v[1], v[2], {.stride = {2, 2}, .padding = {1, 1}});
     }},
    {"conv2d, dilation",
     {{1, 2, 6, 7}, {3, 2, 3, 2}, {3}},
     [](const auto& v) {
       return conv2d(v[0], v[1], v[2], {.padding = {1, 0}, .dilation = {2, 3}});
     }},
    {"conv2d, groups",
     {{2, 4, 4, 3}, {6, 2, 3, 3}, {6}},
     [](const auto& v) {
       return conv2d(v[0], v[1], v[2], {.padding = {1, 1}, .groups = 2});
     }},
    {"conv2d, depthwise",
     {{2, 3, 4, 4}, {3, 1, 3, 3}, {3}},
     [](const auto& v) {
       return conv2d(v[0], v[1], v[2], {.padding = {1, 1}, .groups = 3});
     }},
    {"conv2d, of single pixels",
     {{2, 3, 3, 4}, {5, 3, 1, 1}, {5}},
     [](const auto& v) { return conv2d(v[0], v[1], v[2]); }},
    {"conv2d, rectangles",
     {{2, 2, 7, 4}, {3, 2, 5, 2}, {3}},
     [](const auto& v) {
       return conv2d(v[0], v[1], v[2], {.stride = {2, 1}, .padding = {2, 1}});
     }},
    {"max_pool2d",
     {{2, 3, 4, 10}},
     [](const auto& v) {
       return max_pool2d(v[0], {.size = {2, 2}});
     },
     Domain::apart},
    {"max_pool2d, overlapping and padded",
     {{2, 2, 7, 6}},
     [](const auto& v) {
       return max_pool2d(v[0], {.size = {3, 2}, .stride = {2, 1}, .padding = {1, 1}});
     },
     Domain::apart},
    {"avg_pool2d",
     {{2, 3, 4, 10}},
     [](const auto& v) {
       return avg_pool2d(v[0], {.size = {2, 2}});
     }},
    {"avg_pool2d, overlapping and padded",
     {{2, 2, 7, 6}},
     [](const auto& v) {
       return avg_pool2d(v[0], {.size = {3, 2}, .stride = {2, 1}, .padding = {1, 1}});
     }},
    {"max_pool2d, windows with gaps",
     {{2, 2, 5, 8}},
     [](const auto& v) {
       return max_pool2d(v[0], {.size = {2, 1}, .stride = {3, 4}});
     },
     Domain::apart},
    {"avg_pool2d, windows with gaps",
     {{2, 2, 5, 8}},
     [](const auto& v) {
       return avg_pool2d(v[0], {.size = {2, 1}, .stride = {3, 4}});
     }},
    {"global_avg_pool2d", {{2, 3, 4, 5}}, [](const auto& v) { return global_avg_pool2d(v[0]); }},
    {"batch_norm",
     {{3, 2, 2, 3}, {2}, {2}},
     [](const auto& v) { return batch_norm(v[0], v[1], v[2]).y; }},
    {"batch_norm, of vectors",
     {{7, 3}, {3}, {3}},
     [](const auto& v) { return batch_norm(v[0], v[1], v[2]).y; }},
    {"batch_norm, given statistics",
     {{3, 2, 2, 3}, {2}, {2}},
     [](const auto& v) {
       return batch_norm(v[0], v[1], v[2], Tensor({2}, {0.5F, -1}).to(v[0].device()),
                         Tensor({2}, {2, 0.5F}).to(v[0].device()));
     }},
    {"group_norm",
     {{2, 4, 2, 3}, {4}, {4}},
     [](const auto& v) { return group_norm(v[0], 2, v[1], v[2]); }},

    {"reshape",
     {{3, 4}},
     [](const auto& v) {
       return reshape(v[0], {2, 6});
     }},
    {"permute",
     {{2, 3, 4}},
     [](const auto& v) {
       return permute(v[0], {2, 0, 1});
     }},
    {"permute, of a matrix",
     {{3, 4}},
     [](const auto& v) {
       return permute(v[0], {1, 0});
     }},
    {"slice", {{3, 5, 2}}, [](const auto& v) { return slice(v[0], 1, 1, 4); }},
    {"concatenate", {{3, 2}, {3, 4}}, [](const auto& v) { return concatenate(v, -1); }},

    {"sum", {{3, 4}}, [](const auto& v) { return sum(v[0]); }},
    {"sum, first axis", {{3, 4}}, [](const auto& v) { return sum(v[0], 0); }},
    {"sum, middle axis", {{2, 3, 4}}, [](const auto& v) { return sum(v[0], 1); }},
    {"mean", {{3, 4}}, [](const auto& v) { return mean(v[0]); }},
    {"mean, last axis", {{3, 4}}, [](const auto& v) { return mean(v[0], -1); }},

    {"softmax", {{3, 5}}, [](const auto& v) { return softmax(v[0]); }},
    {"log_softmax", {{3, 5}}, [](const auto& v) { return log_softmax(v[0]); }},
    {"layer_norm", {{3, 6}, {6}, {6}}, [](const auto& v) { return layer_norm(v[0], v[1], v[2]); }},
    {"dropout",
     {{5, 7}},
     [](const auto& v) {
       Rng rng(3);
       return dropout(v[0], 0.4F, rng);
     }},
    {"embedding",
     {{4, 3}},
     [](const auto& v) {
       return embedding(v[0], Integers({2, 3}, {0, 3, 1, 1, 3, 3}).to(v[0].device()));
     }},
    {"cross_entropy",
     {{3, 5}},
     [](const auto& v) {
       return cross_entropy(v[0], Integers({3}, {4, 0, 2}).to(v[0].device()));
     }},
    {"cross_entropy, smoothed sum",
     {{3, 5}},
     [](const auto& v) {
       return cross_entropy(v[0], Integers({3}, {4, 0, 2}).to(v[0].device()),
                            {.label_smoothing = 0.2F, .reduction = Reduction::sum});
     }},
};

inline std::vector<Tensor> random_inputs(const OpCase& c, Rng& rng) {
  std::vector<Tensor> inputs;
  for (const Shape& shape : c.inputs) {
    Tensor t = random_uniform(shape, 0.5F, 1.5F, rng);
    if (c.domain == Domain::around_zero) {
      for (float& value : t.values())
        value = (rng.uniform() < 0.5F ? -1.0F : 1.0F) * (value - 0.3F);
    } else if (c.domain == Domain::apart) {
      // By their order: 0.1 between neighbours, where the differences below take up to 0.08.
      const std::vector<float> drawn(t.values().begin(), t.values().end());
      for (float& value : t.values()) {
        const float own = value;
        const auto smaller = std::ranges::count_if(drawn, [=](float v) { return v < own; });
        value = 0.1F * static_cast<float>(smaller);
      }
    }
    inputs.push_back(t);
  }
  return inputs;
}

}  // namespace muonlab::test
