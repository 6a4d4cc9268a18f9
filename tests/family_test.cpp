#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/optim/rules.h"
#include "tests/random.h"

/// Against what the authors' own optimizers do in float64 on one fixed problem, where a gradient
/// does not depend on the parameters: tests/goldens/family. A tolerance is eight times what the
/// same code differs by in float32, and at least 1e-6.
namespace muonlab::test {
namespace {

using nlohmann::json;
using optim::Coefficients;
using optim::Momentum;
using optim::MuonOptions;
using optim::Rule;
using optim::rule_named;
using optim::ScaleRule;

json read(const std::string& name) {
  std::ifstream file(MUONLAB_SOURCE_DIR "/tests/goldens/family/" + name + ".json");
  return json::parse(file);
}

Tensor tensor_of(const json& values, const Shape& shape) {
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
      for (int i = 0; i < count; ++i) {
        x_ = (1'103'515'245 * x_ + 12'345) % (std::uint64_t{1} << 31);
        values[name].push_back(static_cast<float>((x_ >> 16) % 256) - 128);
      }
    }
    return values;
  }

 private:
  static constexpr std::pair<const char*, int> counts[] = {
      {"wide", 96}, {"tall", 96}, {"square", 36}, {"vector", 5}, {"filters", 108}};
  std::uint64_t x_;
};

Problem make_problem() {
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

/// A case of a golden file, and the rule that should follow it at a rate of 0.05.
struct Case {
  std::string file;
  std::string name;
  Rule rule;
};

MuonOptions options(ScaleRule scale = ScaleRule::original) {
  return {.precision = Precision::float32, .scale = scale, .weight_decay = 0.1F};
}

MuonOptions sum(ScaleRule scale) {
  MuonOptions o = options(scale);
  o.form = Momentum::sum;
  return o;
}

MuonOptions quintic(ScaleRule scale) {
  MuonOptions o = options(scale);
  o.coefficients = Coefficients::quintic;
  return o;
}

std::vector<Case> cases() {
  return {
      {"muon", "jordan", rule_named("muon", options())},
      {"moonlight", "moonlight", rule_named("muon", sum(ScaleRule::match_rms))},
      {"torch_muon", "original", rule_named("muon", options())},
      {"torch_muon", "match_rms_adamw", rule_named("muon", options(ScaleRule::match_rms))},
      {"muon_conv", "timm, flattened, original", rule_named("muon", quintic(ScaleRule::original))},
      {"muon_conv", "timm, flattened, match rms",
       rule_named("muon", quintic(ScaleRule::match_rms))},
      {"normuon", "code", rule_named("normuon", options())},
      {"flattened", "moonlight", rule_named("muon", sum(ScaleRule::match_rms))},
      {"flattened", "normuon", rule_named("normuon", options())},
  };
}

nn::Parameters parameters_of(const json& golden, const Problem& problem) {
  nn::Parameters parameters;
  for (const auto& [name, sizes] : golden.at("parameters").items()) {
    const auto shape = sizes.get<std::vector<Index>>();
    const Variable start(Tensor(Shape(shape), problem.start.at(name)), true);
    parameters.push_back({.name = name, .variable = start, .role = nn::Role::hidden});
  }
  return parameters;
}

TEST_CASE("rules follow the trajectories of their authors' code") {
  const Problem problem = make_problem();
  for (const Case& of : cases()) {
    CAPTURE(of.file);
    CAPTURE(of.name);
    const json golden = read(of.file).at("cases").at(of.name);
    const double tolerance = golden.at("tolerance");
    nn::Parameters parameters = parameters_of(golden, problem);
    optim::MatrixRule optimizer(parameters, of.rule, 0.05F);
    double worst = 0;
    for (std::size_t step = 1; step <= problem.gradients.size(); ++step) {
      for (nn::Parameter& p : parameters) {
        p.variable.set_grad(Tensor(p.variable.shape(), problem.gradients[step - 1].at(p.name)));
      }
      optimizer.step();
      const auto expected = golden.at("after").find(std::to_string(step));
      if (expected == golden.at("after").end()) continue;
      for (const nn::Parameter& p : parameters) {
        const Tensor& value = p.variable.value();
        const Tensor wanted = tensor_of(expected->at(p.name), value.shape());
        const double error = relative_error(value, wanted);
        CAPTURE(p.name);
        CHECK(error < tolerance);
        worst = std::max(worst, error);
      }
    }
    MESSAGE(of.file, ", ", of.name, ": largest relative error ", worst, " of ", tolerance);
  }
}

TEST_CASE("NorMuon keeps the means that its authors' code keeps") {
  const Problem problem = make_problem();
  const json golden = read("normuon").at("cases").at("code");
  nn::Parameters parameters = parameters_of(golden, problem);
  optim::MatrixRule optimizer(parameters, rule_named("normuon", options()), 0.05F);
  for (std::size_t step = 1; step <= problem.gradients.size(); ++step) {
    for (nn::Parameter& p : parameters) {
      p.variable.set_grad(Tensor(p.variable.shape(), problem.gradients[step - 1].at(p.name)));
    }
    optimizer.step();
  }
  int found = 0;
  for (const optim::State::Named& named : optimizer.state().tensors) {
    if (!named.name.starts_with("row_square.")) continue;
    CAPTURE(named.name);
    const json& v = golden.at("state").at("12").at("v." + named.parameter);
    CHECK(named.tensor.shape() == Shape{std::ssize(v), 1});
    CHECK(relative_error(named.tensor, tensor_of(v, named.tensor.shape())) < 1e-5);
    ++found;
  }
  CHECK(found == 3);
}

TEST_CASE("Polar Express's coefficients and results are its authors'") {
  const json golden = read("polar_express");
  const auto published = [&golden](const char* composition) {
    std::vector<optim::NewtonSchulzStep> steps;
    for (const json& step : golden.at("compositions").at(composition).at("coefficients")) {
      steps.push_back({step.at(0), step.at(1), step.at(2)});
    }
    return steps;
  };
  const auto expected = published("l 1e-3, 5, safety 0.02, cushion 0.02");
  const auto ours = steps_of(Coefficients::polar_express);
  REQUIRE(ours.size() == expected.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CAPTURE(i);
    CHECK(ours[i].a == doctest::Approx(expected[i].a).epsilon(1e-6));
    CHECK(ours[i].b == doctest::Approx(expected[i].b).epsilon(1e-6));
    CHECK(ours[i].c == doctest::Approx(expected[i].c).epsilon(1e-6));
  }

  // Results of the first of their lists, with which they divide by 1.01 |g|.
  auto sequence = published("l 1e-3, 10, safety 0.01, cushion 0.02");
  sequence[0].a /= 1.01F;
  sequence[0].b /= static_cast<float>(std::pow(1.01, 3));
  sequence[0].c /= static_cast<float>(std::pow(1.01, 5));
  const Values gradients = make_problem().gradients[0];
  const json shapes = read("muon").at("cases").at("jordan").at("parameters");
  for (const auto& item : golden.at("matrices").items()) {
    const std::string& name = item.key();
    const json& matrix = item.value();
    CAPTURE(name);
    const std::string parameter = name.substr(0, name.find(','));
    const Tensor g(Shape(shapes.at(parameter).get<std::vector<Index>>()), gradients.at(parameter));
    const Tensor o = optim::orthogonalize(g, {.steps = std::stoi(name.substr(name.find(' '))),
                                              .sequence = sequence,
                                              .precision = Precision::float32});
    const double error = relative_error(o, tensor_of(matrix.at("values"), o.shape()));
    CHECK(error < 8 * matrix.at("float32_spread").get<double>());
  }
}

}  // namespace
}  // namespace muonlab::test
