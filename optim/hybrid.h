#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "optim/optimizer.h"

namespace muonlab::optim {

/// Which roles go to which optimizer; use() makes one.
struct Route {
  std::vector<nn::Role> roles;
  std::function<std::unique_ptr<Optimizer>(nn::Parameters)> make;
};

/// "Optimizer O, with these options, for these roles."
template <class O>
Route use(std::vector<nn::Role> roles, typename O::Options options = {}) {
  return {std::move(roles), [options](nn::Parameters parameters) {
            return std::make_unique<O>(std::move(parameters), options);
          }};
}

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
  std::vector<Assignment> assignments() const override;
  State state() const override;
  void load_state(const State& state) override;

 private:
  std::vector<std::unique_ptr<Optimizer>> parts_;
};

}  // namespace muonlab::optim
