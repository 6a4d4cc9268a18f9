#include "muonlab/optim/rules.h"

#include <algorithm>

#include "muonlab/optim/stages/aurora.h"
#include "muonlab/optim/stages/blocks.h"
#include "muonlab/optim/stages/dion.h"
#include "muonlab/optim/stages/dion2.h"
#include "muonlab/optim/stages/element_rms.h"
#include "muonlab/optim/stages/equalize.h"
#include "muonlab/optim/stages/mars.h"
#include "muonlab/optim/stages/measured.h"
#include "muonlab/optim/stages/mud.h"
#include "muonlab/optim/stages/resize.h"
#include "muonlab/optim/stages/row_rms.h"
#include "muonlab/optim/stages/sign.h"

namespace muonlab::optim {
namespace {

OrthogonalizeOptions orthogonalization(const MuonOptions& options) {
  return {.steps = options.steps,
          .coefficients = options.coefficients,
          .sequence = options.sequence,
          .precision = options.precision,
          .form = options.products};
}

using Options = MuonOptions;

float norm_of_orthogonal(Index rows, Index columns) {
  return std::sqrt(static_cast<float>(std::min(rows, columns)));
}

/// Of an update whose elements have the size that AdamW's have.
float adam_norm(Index rows, Index columns) {
  return 0.2F * std::sqrt(static_cast<float>(rows * columns));
}

// The stages by short names, so that a rule reads as its formula.

template <class S, class... Arguments>
std::shared_ptr<const Stage> stage(Arguments&&... arguments) {
  return std::make_shared<S>(std::forward<Arguments>(arguments)...);
}

auto momentum(const Options& o) { return stage<MomentumStage>(o.momentum, o.nesterov, o.form); }

std::shared_ptr<const Stage> newton_schulz(const Options& o) {
  if (o.heads == 1 && o.blocks.empty()) return stage<NewtonSchulz>(orthogonalization(o));
  return stage<Blocks>(o.heads, o.blocks, orthogonalization(o),
                       o.scale.value_or(ScaleRule::original));
}

auto row_rms(float beta) { return stage<RowRms>(beta); }
auto element_rms(ElementRms::Of of, float beta, float eps) {
  return stage<ElementRms>(of, beta, eps);
}

Options with(Coefficients set, Options o) {
  o.coefficients = set;
  o.sequence.clear();
  return o;
}

Options with(Momentum form, bool nesterov, Options o) {
  o.form = form;
  o.nesterov = nesterov;
  return o;
}

/// With this scale and this move, unless options have others.
Rule rule(const Options& o, Stages stages, ScaleRule scale = ScaleRule::original) {
  return {.name = {},
          .stages = std::move(stages),
          .scale = o.scale.value_or(scale),
          .move = subtract(o.weight_decay, o.cautious ? Decay::cautious : Decay::all)};
}

// What has Muon's stages.

Rule muon(const Options& o) { return rule(o, {momentum(o), newton_schulz(o)}); }

Rule polar_express(const Options& o) { return muon(with(Coefficients::polar_express, o)); }

Rule moonlight(const Options& o) {
  const Options sum = with(Momentum::sum, o.nesterov, o);
  return rule(o, {momentum(sum), newton_schulz(o)}, ScaleRule::match_rms);
}

Rule airbench(const Options& o) {
  Rule all = rule(o, {momentum(o), newton_schulz(o)}, ScaleRule::none);
  all.move = normalize_and_subtract();
  return all;
}

Rule hyperball(const Options& o) {
  Rule all = muon(o);
  all.move = turn();
  return all;
}

Rule spel(const Options& o) {
  const Options plain = with(o.form, false, o);
  Rule all = rule(o, {momentum(plain), newton_schulz(plain)}, ScaleRule::none);
  all.move = subtract_and_orthogonalize(o.weight_decay, orthogonalization(o));
  return all;
}

Rule scion(const Options& o) {
  const Options plain = with(Momentum::average, false, o);
  return rule(o, {momentum(plain), newton_schulz(plain)}, ScaleRule::spectral);
}

// What changes the momentum, or the gradients, before orthogonalization.

Rule muoneq(const Options& o) {
  return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::rows), newton_schulz(o)});
}

Rule muoneq_c(const Options& o) {
  return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::columns), newton_schulz(o)});
}

Rule muoneq_rc(const Options& o) {
  return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::both), newton_schulz(o)});
}

Rule muon2(const Options& o) {
  return rule(
      o, {momentum(o), element_rms(ElementRms::Of::gradient, 0.95F, 1e-10F), newton_schulz(o)});
}

Rule mars_m(const Options& o) {
  const Options plain = with(Momentum::average, false, o);
  return rule(o, {stage<Mars>(0.025F, o.momentum), momentum(plain), newton_schulz(o)},
              ScaleRule::match_rms);
}

// What changes the update after it.

Rule muon_plus(const Options& o) {
  return rule(o, {momentum(o), newton_schulz(o), stage<Resize>(norm_of_orthogonal)});
}

Rule normuon(const Options& o) { return rule(o, {momentum(o), newton_schulz(o), row_rms(0.95F)}); }

Rule adamuon(const Options& o) {
  return rule(o,
              {momentum(o), stage<Sign>(), newton_schulz(o),
               element_rms(ElementRms::Of::update, o.momentum, 1e-8F), stage<Resize>(adam_norm)},
              ScaleRule::none);
}

/// The whole of nanochat's optimizer of matrices.
Rule nanochat(const Options& options) {
  Options o = with(Coefficients::polar_express, options);
  o.cautious = true;
  return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::rows), newton_schulz(o),
                  stage<RowRms>(0.9F, Entries::of_longer_side)});
}

// What takes the place of Newton-Schulz.

Rule polargrad(const Options& o) {
  const Options plain = with(o.form, false, o);
  return rule(o,
              {momentum(plain), stage<Measured>(orthogonalization(o), Measured::By::nuclear_norm)},
              ScaleRule::none);
}

Rule namo(const Options& o) {
  const Options plain = with(o.form, false, o);
  return rule(o, {momentum(plain), stage<Measured>(orthogonalization(o), Measured::By::noise)},
              ScaleRule::match_rms);
}

Rule aurora(const Options& o) {
  return rule(o, {momentum(o), stage<Aurora>(orthogonalization(o))});
}

Rule mud(const Options& o) { return rule(o, {momentum(o), stage<Mud>(1)}, ScaleRule::match_rms); }

Rule dion(const Options& o) {
  return rule(o, {stage<Dion>(32, o.momentum, true)}, ScaleRule::spectral);
}

Rule dion2(const Options& o) {
  const Options express = with(Coefficients::polar_express, o);
  return rule(o, {stage<Dion2>(Dion2::Kind::dion2, 0.25F, orthogonalization(express))},
              ScaleRule::spectral);
}

Rule dion3(const Options& o) {
  const Options express = with(Coefficients::polar_express, o);
  return rule(o, {stage<Dion2>(Dion2::Kind::dion3, 0.25F, orthogonalization(express))},
              ScaleRule::spectral);
}

constexpr NamedRule all[] = {
    {"muon", "orthogonalizes the momentum", 1, muon},
    {"polar_express", "Muon by steps each of which is the best for what the one before leaves", 1,
     polar_express},
    {"moonlight", "Muon with updates of AdamW's size, so that its rate and its decay fit", 0.2F,
     moonlight},
    {"normuon", "Muon, then the rows of an update are taken to one size", 1, normuon},
    {"muoneq", "Muon of a momentum whose rows are taken to one length", 1, muoneq},
    {"muoneq_c", "the same of columns", 1, muoneq_c},
    {"muoneq_rc", "the same of rows and columns", 1, muoneq_rc},
    {"muon_plus", "Muon, with updates of exactly an orthogonal matrix's norm", 1, muon_plus},
    {"nanochat", "muoneq by Polar Express, then sizes as in NorMuon, with cautious decay", 1,
     nanochat},
    {"hyperball", "Muon as a turn that keeps the norm of a matrix; the rate is the angle", 1,
     hyperball},
    {"airbench", "Muon on matrices that are taken to one norm before each step", 1, airbench},
    {"scion", "Muon without a look ahead, at rates that carry over between widths", 1, scion},
    {"mars_m", "moonlight with gradients of less variance", 0.2F, mars_m},
    {"dion2", "orthogonalizes a quarter of the rows or columns, those that wait for most", 1,
     dion2},
    {"dion3", "dion2 of rows always, then NorMuon's sizes", 1, dion3},
    {"dion", "an update of rank 32 and a momentum that keeps the rest; no Newton-Schulz", 1, dion},
    {"muon2", "Muon of a momentum whose elements are taken to one size", 1, muon2},
    {"adamuon", "Muon of signs, then elements are taken to one size", 0.2F, adamuon},
    {"aurora", "Muon with rows of one length also in tall matrices; twice the price", 1, aurora},
    {"polargrad", "Muon times the nuclear norm, so that steps shrink as gradients do", 1,
     polargrad},
    {"namo", "Muon times the share of the momentum in the noise", 0.2F, namo},
    {"mud", "rows nearly orthogonal by one triangular solve; a tenth of the price", 0.2F, mud},
    {"spel", "Muon on weights that are orthogonalized after each step", 1, spel},
};

}  // namespace

std::span<const NamedRule> named_rules() { return all; }

Rule rule_named(std::string_view name, const MuonOptions& options) {
  const auto rule = std::ranges::find(all, name, &NamedRule::name);
  check(rule != std::end(all), "there is no rule called '", name, "'");
  check_decay_rate(name, "momentum", options.momentum);
  check_not_negative(name, "weight_decay", options.weight_decay);
  check(options.heads >= 1, name, ": heads must be at least 1, got ", options.heads);
  check(options.steps >= 1, name, ": at least 1 Newton-Schulz step is needed, got ", options.steps);
  steps_of(orthogonalization(options));  // throws when they are not safe
  Rule made = rule->make(options);
  made.name = std::string(name);
  return made;
}

}  // namespace muonlab::optim
