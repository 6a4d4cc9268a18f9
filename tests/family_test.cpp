#include "tests/family.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/optim/rules.h"
#include "muonlab/optim/stages/dion.h"
#include "muonlab/optim/stages/dion2.h"
#include "muonlab/optim/stages/lmo.h"
#include "muonlab/optim/stages/mud.h"
#include "tests/random.h"

/// Against the authors' own optimizers.
namespace muonlab::test {
namespace {

using optim::Coefficients;
using optim::Momentum;
using optim::MuonOptions;
using optim::Rule;
using optim::rule_named;
using optim::ScaleRule;

/// A case of a golden file, and the rule that should follow it at a rate of 0.05.
struct Case {
  std::string file;
  std::string name;
  Rule rule;
  double tolerance = 0;  // 0: the file's
};

MuonOptions options(ScaleRule scale = ScaleRule::original) {
  return {.precision = Precision::float32, .scale = scale, .weight_decay = 0.1F};
}

/// With the rule's own scale.
MuonOptions plain() {
  MuonOptions o = options();
  o.scale.reset();
  return o;
}

MuonOptions with(Momentum form, bool nesterov, MuonOptions o) {
  o.form = form;
  o.nesterov = nesterov;
  return o;
}

MuonOptions with(Coefficients set, MuonOptions o) {
  o.coefficients = set;
  if (set == Coefficients::deepseek) o.steps = 10;
  return o;
}

/// Twelve steps of the quintic of modded-nanogpt's track 3.
MuonOptions track3(MuonOptions o) {
  o.sequence = {{2, -1.5F, 0.5F}};
  o.steps = 12;
  return o;
}

MuonOptions sum(ScaleRule scale) { return with(Momentum::sum, true, options(scale)); }

MuonOptions quintic(ScaleRule scale) { return with(Coefficients::quintic, options(scale)); }

/// Polar Express as dion's code has it, which divides by 1.02 |g| first.
std::vector<optim::NewtonSchulzStep> express_steps() {
  const auto set = steps_of(Coefficients::polar_express);
  std::vector<optim::NewtonSchulzStep> steps(set.begin(), set.end());
  steps[0].a /= 1.02F;
  steps[0].b /= static_cast<float>(std::pow(1.02, 3));
  steps[0].c /= static_cast<float>(std::pow(1.02, 5));
  return steps;
}

MuonOptions express(ScaleRule scale) {
  MuonOptions o = sum(scale);
  o.sequence = express_steps();
  return o;
}

MuonOptions decays(float weight_decay, bool cautious, MuonOptions o) {
  o.weight_decay = weight_decay;
  o.cautious = cautious;
  return o;
}

MuonOptions heads(Index count, std::vector<Index> blocks) {
  MuonOptions o = express(ScaleRule::spectral);
  o.heads = count;
  o.blocks = std::move(blocks);
  return o;
}

MuonOptions airbench() {
  MuonOptions o = with(Momentum::sum, true, plain());
  o.momentum = 0.6F;
  o.steps = 3;
  return o;
}

MuonOptions scion(float weight_decay) {
  MuonOptions o = plain();
  o.momentum = 0.9F;
  o.weight_decay = weight_decay;
  return o;
}

template <class S, class... Arguments>
std::shared_ptr<const optim::Stage> stage(Arguments... arguments) {
  return std::make_shared<S>(arguments...);
}

/// Of one stage, or after a mean of gradients with 0.9.
Rule rule_of(std::shared_ptr<const optim::Stage> one) {
  return {.name = "one",
          .stages = {std::move(one)},
          .scale = ScaleRule::spectral,
          .move = optim::subtract(0.1F)};
}

Rule lmo(optim::Lmo::Norm norm) {
  return {.name = "lmo",
          .stages = {stage<optim::MomentumStage>(0.9F, false, Momentum::average),
                     stage<optim::Lmo>(norm)}};
}

Rule dion2(optim::Dion2::Kind kind, float fraction) {
  const optim::OrthogonalizeOptions o = {.sequence = express_steps(),
                                         .precision = Precision::float32};
  return rule_of(stage<optim::Dion2>(kind, fraction, o));
}

Rule mud(int passes) {
  return {.name = "mud",
          .stages = {stage<optim::MomentumStage>(0.95F, true, Momentum::sum),
                     stage<optim::Mud>(passes)},
          .scale = ScaleRule::match_rms,
          .move = optim::subtract(0.1F)};
}

// The first update of "square" in muon2 is made of the signs of a gradient, a singular matrix: what
// twelve doublings make of the direction that it lacks is rounding, 1e-6 of the parameter.
std::vector<Case> cases() {
  using enum ScaleRule;
  const auto average = [](ScaleRule scale) {
    return with(Momentum::average, false, options(scale));
  };
  return {
      {"muon", "jordan", rule_named("muon", options())},
      {"moonlight", "moonlight", rule_named("moonlight", plain())},
      {"torch_muon", "original", rule_named("muon", options())},
      {"torch_muon", "match_rms_adamw", rule_named("muon", options(match_rms))},
      {"muon_conv", "timm, flattened, original", rule_named("muon", quintic(original))},
      {"muon_conv", "timm, flattened, match rms", rule_named("muon", quintic(match_rms))},
      {"muon_conv", "airbench94", rule_named("airbench", airbench())},
      {"muon_heads", "whole", rule_named("muon", express(spectral))},
      {"muon_heads", "2 heads", rule_named("muon", heads(2, {}))},
      {"muon_heads", "split 4, 2, 2", rule_named("muon", heads(1, {4, 2, 2}))},
      {"normuon", "code", rule_named("normuon", plain())},
      {"dion_classes", "normuon", rule_named("normuon", decays(0.1F, true, express(match_rms)))},
      {"flattened", "moonlight", rule_named("moonlight", plain())},
      {"flattened", "normuon", rule_named("normuon", plain())},
      {"flattened", "adamuon", rule_named("adamuon", plain())},
      {"flattened", "muon^2", rule_named("muon2", track3(plain()))},
      {"flattened", "muonh", rule_named("hyperball", track3(plain()))},
      {"flattened", "mars-m", rule_named("mars_m", plain())},
      {"adamuon", "code", rule_named("adamuon", plain())},
      {"muon2", "track 3", rule_named("muon2", track3(plain())), 2e-6},
      {"muoneq", "R", rule_named("muoneq", average(match_rms))},
      {"muoneq", "C", rule_named("muoneq_c", average(match_rms))},
      {"mars", "mars-m", rule_named("mars_m", plain())},
      {"muon_hyperball", "track 3", rule_named("hyperball", track3(plain()))},
      {"cautious_decay", "muon",
       rule_named("muon", decays(0.5F, true, with(Coefficients::quintic, sum(spectral))))},
      {"cautious_decay", "muon, plain decay",
       rule_named("muon", decays(0.5F, false, with(Coefficients::quintic, sum(spectral))))},
      {"others", "aurora", rule_named("aurora", track3(plain()))},
      {"others", "polargrad", rule_named("polargrad", with(Coefficients::deepseek, plain()))},
      {"others", "namo", rule_named("namo", with(Coefficients::quintic, plain()))},
      {"spel", "quintic", rule_named("spel", with(Coefficients::quintic, plain()))},
      {"spel", "converged", rule_named("spel", with(Coefficients::deepseek, plain()))},
      {"scion", "Spectral constrained", rule_named("scion", scion(1))},
      {"scion", "Spectral unconstrained", rule_named("scion", scion(0))},
      {"scion_norms", "Sign unconstrained", lmo(optim::Lmo::Norm::signs)},
      {"scion_norms", "ColNorm unconstrained", lmo(optim::Lmo::Norm::columns)},
      {"scion_norms", "RowNorm unconstrained", lmo(optim::Lmo::Norm::rows)},
      {"dion2", "fraction 0.25", dion2(optim::Dion2::Kind::dion2, 0.25F)},
      {"dion_classes", "dion3", dion2(optim::Dion2::Kind::dion3, 0.5F)},
      {"dion", "simple", rule_of(stage<optim::Dion>(3, 0.95F, false))},
      {"dion", "transposed", rule_of(stage<optim::Dion>(3, 0.95F, true))},
      {"mud", "one pass", mud(1)},
      {"mud", "two passes", mud(2)},
  };
}

/// Gives Dion's random matrices the numbers of a stream, in the order wide, tall, square.
void start_random(const optim::MatrixRule& optimizer, std::uint64_t seed) {
  std::map<std::string, Tensor> q;
  for (const optim::State::Named& named : optimizer.state().tensors) {
    if (named.name.starts_with("q.")) q.emplace(named.parameter, named.tensor);
  }
  Stream stream(seed);
  for (const char* name : {"wide", "tall", "square"}) {
    for (float& value : q.at(name).values()) value = stream.number() / 128;
  }
}

TEST_CASE("rules follow the trajectories of their authors' code") {
  const Problem problem = make_problem();
  for (const Case& of : cases()) {
    CAPTURE(of.file);
    CAPTURE(of.name);
    const json golden = read_golden(of.file).at("cases").at(of.name);
    const double tolerance = of.tolerance > 0 ? of.tolerance : golden.at("tolerance").get<double>();
    nn::Parameters parameters = parameters_of(golden, problem);
    optim::MatrixRule optimizer(parameters, of.rule, golden.at("options").value("lr", 0.05F));
    if (of.file == "dion") start_random(optimizer, of.name == "simple" ? 4 : 5);
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
  const json golden = read_golden("normuon").at("cases").at("code");
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

}  // namespace
}  // namespace muonlab::test
