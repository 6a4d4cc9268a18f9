#pragma once

#include "core/replay.h"
#include "optim/optimizer.h"
#include "optim/orthogonalize.h"

namespace muonlab::optim {

/// How momentum adds up. The two differ by the factor 1 - momentum, which orthogonalization
/// removes.
enum class Momentum {
  average,  ///< b = momentum b + (1 - momentum) g: Jordan's Muon, PyTorch
  sum,      ///< b = momentum b + g: Moonlight, airbench94
};

/// The size of an update. An orthogonalized matrix (rows, columns) has spectral norm 1 and
/// root-mean-square 1 / sqrt(max(rows, columns)).
enum class ScaleRule {
  original,   ///< sqrt(max(1, rows / columns)). Jordan et al. 2024
  match_rms,  ///< 0.2 sqrt(max(rows, columns)): the size of AdamW's updates. arXiv:2502.16982
  spectral,   ///< sqrt(rows / columns): rates carry over between widths. arXiv:2310.17813
};

struct MuonOptions {
  float lr = 0.02F;        ///< spectral norm of one update, before the scale rule
  float momentum = 0.95F;  ///< within [0, 1)
  bool nesterov = true;    ///< look ahead by one gradient
  Momentum form = Momentum::average;
  int steps = 5;  ///< of Newton-Schulz
  Coefficients coefficients = Coefficients::standard;
  std::vector<NewtonSchulzStep> sequence = {};  ///< steps of your own, instead of `coefficients`
  Precision precision = fastest_precision();    ///< of the products, see orthogonalize()
  Form products = Form::automatic;              ///< how they are computed
  ScaleRule scale = ScaleRule::original;
  float weight_decay = 0;  ///< decoupled: the parameter shrinks by lr times this before each update
};

/// The factor a rule gives to updates of a matrix (rows, columns).
float scale_of(ScaleRule rule, Index rows, Index columns);

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
class Muon final : public ParameterOptimizer {
 public:
  using Options = MuonOptions;
  explicit Muon(nn::Parameters parameters, const Options& options = {});

 private:
  void update(const std::vector<Update>& updates) override;

  /// Makes place for what is to be orthogonalized, one for each update: the same as in the step
  /// before where that is replayed.
  void prepare(const std::vector<Update>& updates);

  /// Adds the gradients to the momenta, and writes what is to be orthogonalized.
  void add_gradients(const std::vector<Update>& updates);

  /// Each, as a matrix (rows, columns), orthogonalized: equal shapes together.
  std::vector<Tensor> orthogonalized(std::vector<Tensor> directions) const;

  /// w = (1 - lr weight_decay) w - lr scale direction.
  void move(const std::vector<Update>& updates) const;

  Options options_;
  std::vector<Tensor> momentum_;  // one per parameter

  // Of a step, one for each update; kept between steps where they are replayed.
  std::vector<std::size_t> members_;  // the parameters' numbers
  std::vector<Tensor> directions_;    // before orthogonalization
  std::vector<Tensor> orthogonal_;    // after
  Replay replay_;                     // from the ones to the others
};

}  // namespace muonlab::optim
