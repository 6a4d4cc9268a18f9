#include "apps/experiments/contenders.h"

#include <algorithm>
#include <fmt/format.h>

#include "apps/experiments/elementwise.h"
#include "muonlab/optim/sgd.h"

namespace muonlab::app {

using nn::Role;

Contender matrix_contender(std::string_view rule, std::string_view about, float lr) {
  const std::string name(rule);
  return {
      .name = name, .about = std::string(about), .lr = lr, .routes = [name](const Tuning& tuning) {
        return std::vector{
            optim::use({Role::input, Role::hidden, Role::head},
                       optim::rule_named(name, tuning.muon()), tuning.lr),
            optim::use<optim::Sgd>({Role::gain, Role::bias},
                                   {.lr = tuning.lr, .momentum = 0.95F, .nesterov = true})};
      }};
}

std::vector<Contender> with_family(std::vector<Contender> first) {
  const float lr = std::ranges::find(first, "muon", &Contender::name)->lr;
  for (const optim::NamedRule& rule : optim::named_rules()) {
    if (std::ranges::find(first, rule.name, &Contender::name) != first.end()) continue;
    first.push_back(matrix_contender(rule.name, rule.about, lr * rule.rate));
    first.back().by_default = false;
  }
  for (const ElementwiseRule& rule : elementwise_rules()) {
    first.push_back(
        {.name = rule.name,
         .about = rule.about,
         .lr = rule.lr,
         .routes = [rule](const Tuning& tuning) { return std::vector{rule.route(tuning.lr)}; },
         .by_default = false});
  }
  return first;
}

}  // namespace muonlab::app
