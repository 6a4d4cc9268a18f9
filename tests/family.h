#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "muonlab/nn/parameter.h"

/// The fixed problem on which the authors' own optimizers were run, in float64, where a gradient
/// does not depend on the parameters: tests/goldens/family. A tolerance there is eight times what
/// the same code differs by in float32, and at least 1e-6.
namespace muonlab::test {

using nlohmann::json;

inline json read_golden(const std::string& name) {
  std::ifstream file(MUONLAB_SOURCE_DIR "/tests/goldens/family/" + name + ".json");
  return json::parse(file);
}

inline Tensor tensor_of(const json& values, const Shape& shape) {
  const auto list = values.get<std::vector<float>>();
  return {shape, std::span<const float>(list)};
}

using Values = std::map<std::string, std::vector<float>>;

/// The start of the parameters, and the gradients of 12 steps: all exact in float32.
struct Problem {
  Values start;
  std::vector<Values> gradients;
};

/// x <- (1103515245 x + 12345) mod 2^31, from the seed on; (x >> 16) mod 256 - 128.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : x_(seed) {}

  /// The next value for each element of each parameter.
  Values next() {
    Values values;
    for (const auto& [name, count] : counts) {
      for (int i = 0; i < count; ++i) values[name].push_back(number());
    }
    return values;
  }

  float number() {
    x_ = (1'103'515'245 * x_ + 12'345) % (std::uint64_t{1} << 31);
    return static_cast<float>((x_ >> 16) % 256) - 128;
  }

 private:
  static constexpr std::pair<const char*, int> counts[] = {
      {"wide", 96}, {"tall", 96}, {"square", 36}, {"vector", 5}, {"filters", 108}};
  std::uint64_t x_;
};

inline Problem make_problem() {
  Problem problem = {.start = Stream(1).next(), .gradients = {}};
  for (auto& [name, values] : problem.start) {
    for (float& value : values) value /= 128;
  }
  const Values base = Stream(2).next();
  Stream noise(3);
  for (int step = 0; step < 12; ++step) {
    Values gradients = noise.next();
    for (auto& [name, values] : gradients) {
      const float scale = name == "square" || name == "vector" ? 0.125F : 1;
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = (base.at(name)[i] + values[i]) / 256 * scale;
      }
    }
    problem.gradients.push_back(gradients);
  }
  return problem;
}

inline nn::Parameters parameters_of(const json& golden, const Problem& problem) {
  nn::Parameters parameters;
  for (const auto& [name, sizes] : golden.at("parameters").items()) {
    const auto shape = sizes.get<std::vector<Index>>();
    const Variable start(Tensor(Shape(shape), problem.start.at(name)), true);
    parameters.push_back({.name = name, .variable = start, .role = nn::Role::hidden});
  }
  return parameters;
}

}  // namespace muonlab::test
