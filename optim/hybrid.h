#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "muonlab/optim/rule.h"

namespace muonlab::optim {

/// Which roles go to which optimizer; use() makes one.
struct Route {
  std::vector<nn::Role> roles;
  std::string rule;  // as the optimizer's assignments call it
  std::function<std::unique_ptr<Optimizer>(nn::Parameters)> make;
  std::function<Operations(Index rows, Index columns)> operations = {};  // none: no matrix rule
};

/// "Matrices of these roles by this rule."
Route use(std::vector<nn::Role> roles, const Rule& rule, float lr);

/// "Optimizer O, with these options, for these roles."
template <class O>
Route use(std::vector<nn::Role> roles, const typename O::Options& options = {}) {
  if constexpr (requires { O::rule(options); }) {
    return use(std::move(roles), O::rule(options), options.lr);
  } else {
    const auto make = [options](nn::Parameters parameters) {
      return std::make_unique<O>(std::move(parameters), options);
    };
    return {.roles = std::move(roles), .rule = O::rule_name, .make = make};
  }
}

/// Which rule each parameter would have, without making optimizers and their state. Throws as
/// Hybrid does.
std::vector<Assignment> assign(const nn::Parameters& parameters, const std::vector<Route>& routes);

/// Several optimizers as one, each with its own share of the parameters, chosen by role:
///
///     optim::Hybrid optimizer(model.parameters(),
///                             {optim::use<optim::Muon>({Role::hidden}, {.lr = 0.02F}),
///                              optim::use<optim::AdamW>({Role::input, Role::head, Role::gain,
///                                                        Role::bias}, {.lr = 1e-3F})});
///
/// Throws when no parameter is marked as head (the model forgot to mark its end, and Muon would
/// take it for a hidden matrix), when a role is named twice, or when a parameter's role is not
/// named.
class Hybrid final : public Optimizer {
 public:
  Hybrid(const nn::Parameters& parameters, const std::vector<Route>& routes);

  void step() override;
  void zero_grad() override;
  void set_lr_scale(float scale) override;
  void train(bool on = true) override;
  std::vector<Assignment> assignments() const override;
  State state() const override;
  void load_state(const State& state) override;

 private:
  std::vector<std::unique_ptr<Optimizer>> parts_;
};

}  // namespace muonlab::optim
