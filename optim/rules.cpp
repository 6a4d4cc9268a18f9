#include "muonlab/optim/rules.h"

#include <algorithm>
#include <cmath>

#include "muonlab/optim/stages/newton_schulz.h"
#include "muonlab/optim/stages/row_rms.h"

namespace muonlab::optim {
namespace {

OrthogonalizeOptions orthogonalization(const MuonOptions& options) {
  return {.steps = options.steps,
          .coefficients = options.coefficients,
          .sequence = options.sequence,
          .precision = options.precision,
          .form = options.products};
}

auto momentum(const MuonOptions& o) {
  return std::make_shared<MomentumStage>(o.momentum, o.nesterov, o.form);
}
auto newton_schulz(const MuonOptions& o) {
  return std::make_shared<NewtonSchulz>(orthogonalization(o));
}
auto row_rms(float beta) { return std::make_shared<RowRms>(beta); }

using Options = MuonOptions;

Options with(Coefficients set, Options o) {
  o.coefficients = set;
  o.sequence.clear();
  return o;
}

Stages muon(const Options& o) { return {momentum(o), newton_schulz(o)}; }
Stages polar_express(const Options& o) { return muon(with(Coefficients::polar_express, o)); }
Stages normuon(const Options& o) { return {momentum(o), newton_schulz(o), row_rms(0.95F)}; }

constexpr NamedRule all[] = {
    {"muon", "orthogonalizes the momentum", muon},
    {"polar_express", "Muon by steps each of which is the best for what the one before leaves",
     polar_express},
    {"normuon", "Muon, then the rows of an update are taken to one size", normuon},
};

}  // namespace

std::span<const NamedRule> named_rules() { return all; }

Rule rule_named(std::string_view name, const MuonOptions& options) {
  const auto rule = std::ranges::find(all, name, &NamedRule::name);
  check(rule != std::end(all), "there is no rule called '", name, "'");
  check(0 <= options.momentum && options.momentum < 1, name,
        ": momentum must be within [0, 1), got ", options.momentum);
  check(std::isfinite(options.weight_decay) && options.weight_decay >= 0, name,
        ": weight_decay must be finite and not negative, got ", options.weight_decay);
  check(options.steps >= 1, name, ": at least 1 Newton-Schulz step is needed, got ", options.steps);
  steps_of(orthogonalization(options));  // throws when they are not safe
  return {.name = std::string(name),
          .stages = rule->stages(options),
          .scale = options.scale,
          .move = subtract(options.weight_decay)};
}

}  // namespace muonlab::optim
