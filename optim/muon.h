#pragma once

#include "muonlab/optim/rules.h"

namespace muonlab::optim {

/// Momentum whose matrix updates are orthogonalized, so that every direction of a matrix learns at
/// the same rate:
///
///     b = momentum b + (1 - momentum) g;  u = momentum b + (1 - momentum) g
///     w = (1 - lr weight_decay) w - lr scale orthogonalize(u)
///
/// For hidden matrices and filter banks; a filter bank (out, in, kh, kw) is the matrix
/// (out, in kh kw), and its scale comes from that shape. Parameters of one shape are orthogonalized
/// together. On the CPU momenta below 1.2e-38 count as 0. Throws when a parameter has
/// fewer than two axes, and when steps of one's own are not safe. Jordan et al. 2024,
/// https://kellerjordan.github.io/posts/muon/
///
/// It is the rule "muon" of optim/rules.cpp, where its stages stand, and its family's.
class Muon final : public MatrixRule {
 public:
  using Options = MuonOptions;
  explicit Muon(nn::Parameters parameters, const Options& options = {})
      : MatrixRule(std::move(parameters), rule(options), options.lr) {}

  static Rule rule(const Options& options) { return rule_named("muon", options); }
};

}  // namespace muonlab::optim
