#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "muonlab/optim/orthogonalize.h"
#include "muonlab/optim/rule.h"
#include "muonlab/optim/stages/momentum.h"

/// Muon's family by name.
namespace muonlab::optim {

/// What the rules of the family have in common.
struct MuonOptions {
  float lr = 0.02F;        ///< spectral norm of one update, before the scale rule
  float momentum = 0.95F;  ///< within [0, 1)
  bool nesterov = true;    ///< look ahead by one gradient
  Momentum form = Momentum::average;
  int steps = 5;  ///< of Newton-Schulz
  Coefficients coefficients = Coefficients::standard;
  std::vector<NewtonSchulzStep> sequence = {};  ///< steps of your own, instead of `coefficients`
  /// Of the products, see orthogonalize(); unless told, what the device is fastest in.
  std::optional<Precision> precision = {};
  Form products = Form::automatic;      ///< how they are computed
  std::optional<ScaleRule> scale = {};  ///< unless told, the rule's: ScaleRule::original for Muon
  float weight_decay = 0;  ///< decoupled: the parameter shrinks by lr times this before each update
  bool cautious = false;   ///< only weights that the step takes towards zero decay
  Index heads = 1;         ///< so many blocks of rows are orthogonalized by themselves
  std::vector<Index> blocks = {};  ///< or blocks of so many rows, such as query, key and value
};

/// What speaks for a rule, in public.
enum class Evidence {
  records,   ///< it is in use where training is fastest: records, or large models
  compared,  ///< others than its authors found it to gain, or it is a recent paper's with figures
  unproven,  ///< none of these; it is here to be tried
};

/// "records", ...
std::string_view name_of(Evidence evidence);

/// A rule that tables, command lines and pages know.
struct NamedRule {
  std::string_view name;
  std::string_view about;    ///< one line: what it does that Muon does not
  std::string_view formula;  ///< g: gradient, m: momentum, N: orthogonalize, w: weights, u: update
  Evidence evidence;
  std::string_view source;
  float rate;  ///< that suits it, in Muon's
  Rule (*make)(const MuonOptions& options);
};

/// In the order in which they are listed.
std::span<const NamedRule> named_rules();

/// The rule with this name. Throws when there is none, and when options are out of range or steps
/// of one's own not safe.
Rule rule_named(std::string_view name, const MuonOptions& options = {});

}  // namespace muonlab::optim
