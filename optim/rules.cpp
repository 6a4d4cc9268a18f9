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

/// With this scale, unless there is one.
Options with(ScaleRule scale, Options o) {
  o.scale = o.scale.value_or(scale);
  return o;
}

/// How stages that see a matrix in whole orthogonalize. Throws where blocks are asked for.
OrthogonalizeOptions of_whole(const Options& o) {
  check(o.heads == 1 && o.blocks.empty(), "this rule does not know heads or blocks of rows");
  return orthogonalization(o);
}

Rule rule(const Options& o, Stages stages) {
  return {.name = {},
          .stages = std::move(stages),
          .scale = o.scale.value_or(ScaleRule::original),
          .move = subtract(o.weight_decay, o.cautious ? Decay::cautious : Decay::all)};
}

Rule moved_by(Move move, Rule rule) {
  rule.move = std::move(move);
  return rule;
}

Rule dion2(Dion2::Kind kind, const Options& options) {
  const Options o = with(ScaleRule::spectral, with(Coefficients::polar_express, options));
  return rule(o, {stage<Dion2>(kind, 0.25F, of_whole(o))});
}

Rule measured(Measured::By by, ScaleRule scale, const Options& options) {
  const Options o = with(scale, with(options.form, false, options));
  return rule(o, {momentum(o), stage<Measured>(of_whole(o), by)});
}

constexpr NamedRule all[] = {
    {"muon", "orthogonalizes the momentum", "u = N(m)", Evidence::records,
     "kellerjordan.github.io/posts/muon", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), newton_schulz(o)});
     }},

    {"polar_express", "Muon by steps each of which is the best for what the one before leaves",
     "u = N(m), N by optimal quintics", Evidence::records, "arXiv:2505.16932", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), newton_schulz(with(Coefficients::polar_express, o))});
     }},

    {"moonlight", "Muon with updates of AdamW's size, so that its rate and its decay fit",
     "u = 0.2 sqrt(max(rows, columns)) N(m)", Evidence::records, "arXiv:2502.16982", 0.2F,
     [](const Options& options) {
       const Options o = with(ScaleRule::match_rms, with(Momentum::sum, options.nesterov, options));
       return rule(o, {momentum(o), newton_schulz(o)});
     }},

    {"normuon", "Muon, then the rows of an update are taken to one size",
     "o = N(m); v = ema(row mean of o^2); h = o / sqrt(v); u = h |o| / |h|", Evidence::records,
     "arXiv:2510.05491", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), newton_schulz(o), row_rms(0.95F)});
     }},

    {"muoneq", "Muon of a momentum whose rows are taken to one length", "u = N(m / |rows of m|)",
     Evidence::compared, "arXiv:2603.28254", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::rows), newton_schulz(o)});
     }},

    {"muoneq_c", "the same of columns", "u = N(m / |columns of m|)", Evidence::compared,
     "arXiv:2603.28254", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::columns), newton_schulz(o)});
     }},

    {"muoneq_rc", "the same of rows and columns", "u = N(m / |rows of m| / |columns of m|)",
     Evidence::compared, "arXiv:2603.28254", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), stage<Equalize>(Equalize::Of::both), newton_schulz(o)});
     }},

    {"muon_plus", "Muon, with updates of exactly an orthogonal matrix's norm",
     "o = N(m); u = o sqrt(min(rows, columns)) / |o|", Evidence::compared, "arXiv:2602.21545", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), newton_schulz(o), stage<Resize>(norm_of_orthogonal)});
     }},

    {"nanochat", "muoneq by Polar Express, then sizes as in NorMuon, with cautious decay",
     "muoneq, polar_express, normuon of the longer side", Evidence::records,
     "github.com/karpathy/nanochat", 1,
     [](const Options& o) {
       Options careful = o;
       careful.cautious = true;
       return rule(careful, {momentum(o), stage<Equalize>(Equalize::Of::rows),
                             newton_schulz(with(Coefficients::polar_express, o)),
                             stage<RowRms>(0.9F, Entries::of_longer_side)});
     }},

    {"hyperball", "Muon as a turn that keeps the norm of a matrix; the rate is the angle",
     "w = |w| normalize(w - lr |w| N(m) / |N(m)|)", Evidence::records,
     "github.com/KellerJordan/modded-nanogpt", 1,
     [](const Options& o) {
       return moved_by(turn(), rule(o, {momentum(o), newton_schulz(o)}));
     }},

    {"airbench", "Muon on matrices that are taken to one norm before each step",
     "w = sqrt(rows) w / |w| - lr N(m)", Evidence::records,
     "github.com/KellerJordan/cifar10-airbench", 1,
     [](const Options& options) {
       const Options o = with(ScaleRule::none, options);
       return moved_by(normalize_and_subtract(), rule(o, {momentum(o), newton_schulz(o)}));
     }},

    {"scion", "Muon without a look ahead, at rates that carry over between widths",
     "u = sqrt(rows / columns) N(m)", Evidence::compared, "arXiv:2502.07529", 1,
     [](const Options& options) {
       const Options o = with(ScaleRule::spectral, with(Momentum::average, false, options));
       return rule(o, {momentum(o), newton_schulz(o)});
     }},

    {"mars_m", "moonlight with gradients of less variance",
     "c = g + 0.025 b / (1 - b) (g - last g); m = ema(c / max(1, |c|)); u = N(m)",
     Evidence::compared, "arXiv:2510.21800", 0.2F,
     [](const Options& options) {
       const Options o = with(ScaleRule::match_rms, with(Momentum::average, false, options));
       return rule(o, {stage<Mars>(0.025F, o.momentum), momentum(o), newton_schulz(o)});
     }},

    {"dion2", "orthogonalizes a quarter of the rows or columns, those that wait for most",
     "m = m + g; u = N(largest rows of m), which shrink by 0.95", Evidence::compared,
     "arXiv:2512.16928", 1, [](const Options& o) { return dion2(Dion2::Kind::dion2, o); }},

    {"dion3", "dion2 of rows always, then NorMuon's sizes", "dion2, then normuon of the rows",
     Evidence::unproven, "github.com/microsoft/dion", 1,
     [](const Options& o) { return dion2(Dion2::Kind::dion3, o); }},

    {"dion", "an update of rank 32 and a momentum that keeps the rest; no Newton-Schulz",
     "m = m + g; p = Q of m q; r = m^T p; m = m - (1 - b) p r^T; q = r / |columns|; u = p q^T",
     Evidence::compared, "arXiv:2504.05295", 1,
     [](const Options& options) {
       const Options o = with(ScaleRule::spectral, options);
       of_whole(o);
       return rule(o, {stage<Dion>(32, o.momentum, true)});
     }},

    {"muon2", "Muon of a momentum whose elements are taken to one size",
     "u = N(m / sqrt(ema(g^2)))", Evidence::unproven, "arXiv:2604.09967", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), stage<ElementRms>(ElementRms::Of::gradient, 0.95F, 1e-10F),
                       newton_schulz(o)});
     }},

    {"adamuon", "Muon of signs, then elements are taken to one size",
     "o = N(sign(m)); h = o / sqrt(ema(o^2)); u = 0.2 sqrt(rows columns) h / |h|",
     Evidence::unproven, "arXiv:2507.11005", 0.2F,
     [](const Options& options) {
       const Options o = with(ScaleRule::none, options);
       return rule(o, {momentum(o), stage<Sign>(), newton_schulz(o),
                       stage<ElementRms>(ElementRms::Of::update, o.momentum, 1e-8F),
                       stage<Resize>(adam_norm)});
     }},

    {"aurora", "Muon with rows of one length also in tall matrices; twice the price",
     "u = N(D m), D diagonal, so that rows of u are equal", Evidence::unproven,
     "github.com/tilde-research/aurora-release", 1,
     [](const Options& o) {
       return rule(o, {momentum(o), stage<Aurora>(of_whole(o))});
     }},

    {"polargrad", "Muon times the nuclear norm, so that steps shrink as gradients do",
     "u = <N(m), m> N(m)", Evidence::unproven, "arXiv:2505.21799", 1,
     [](const Options& o) { return measured(Measured::By::nuclear_norm, ScaleRule::none, o); }},

    {"namo", "Muon times the share of the momentum in the noise", "u = |m| / sqrt(ema(|g|^2)) N(m)",
     Evidence::unproven, "arXiv:2602.17080", 0.2F,
     [](const Options& o) { return measured(Measured::By::noise, ScaleRule::match_rms, o); }},

    {"mud", "rows nearly orthogonal by one triangular solve; a tenth of the price",
     "q = rows of m to length 1; u = rows of tril(q q^T)^-1 q to length 1", Evidence::unproven,
     "arXiv:2603.17970", 0.2F,
     [](const Options& options) {
       const Options o = with(ScaleRule::match_rms, options);
       of_whole(o);
       return rule(o, {momentum(o), stage<Mud>(1)});
     }},

    {"spel", "Muon on weights that are orthogonalized after each step", "w = N(w - lr N(m))",
     Evidence::unproven, "arXiv:2601.21487", 1,
     [](const Options& options) {
       const Options o = with(ScaleRule::none, with(options.form, false, options));
       Rule spel = moved_by(subtract_and_orthogonalize(o.weight_decay, orthogonalization(o)),
                            rule(o, {momentum(o), newton_schulz(o)}));
       spel.work_of_move = stage<NewtonSchulz>(orthogonalization(o));
       return spel;
     }},

};

}  // namespace

std::string_view name_of(Evidence evidence) {
  switch (evidence) {
    case Evidence::records: return "records";
    case Evidence::compared: return "compared";
    case Evidence::unproven: return "unproven";
  }
  return "?";
}

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
