#pragma once

#include <memory>
#include <vector>

#include "apps/comparison/comparison.h"
#include "optim/hybrid.h"
#include "optim/muon.h"
#include "optim/sgd.h"

namespace muonlab::app {

/// The tutorials' Muon: for every matrix and filter bank, the ends of the network too; the biases
/// take Nesterov momentum at the same rate.
inline std::unique_ptr<optim::Optimizer> make_muon(const nn::Parameters& parameters,
                                                   const Tuning& tuning) {
  using nn::Role;
  return std::make_unique<optim::Hybrid>(
      parameters,
      std::vector{optim::use<optim::Muon>({Role::input, Role::hidden, Role::head},
                                          {.lr = tuning.lr, .precision = tuning.orthogonalization}),
                  optim::use<optim::Sgd>({Role::bias},
                                         {.lr = tuning.lr, .momentum = 0.95F, .nesterov = true})});
}

}  // namespace muonlab::app
