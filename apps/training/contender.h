#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "muonlab/optim/hybrid.h"
#include "muonlab/optim/rules.h"

/// What a comparison compares.
namespace muonlab::app {

/// For a contender with one rule for all parameters.
inline const std::vector<nn::Role> all_roles = {nn::Role::input, nn::Role::hidden, nn::Role::head,
                                                nn::Role::gain, nn::Role::bias};

/// What the command line says to an optimizer.
struct Tuning {
  float lr;
  optim::OrthogonalizeOptions orthogonalization = {};

  /// The same as options of a rule of Muon's family.
  optim::MuonOptions muon() const;
};

/// One way to train: rules for the parameters of a model, by their roles, and how they are tuned.
struct Contender {
  std::string name;   // as --optimizers spells it
  std::string about;  // one line for --help
  float lr;
  std::function<std::vector<optim::Route>(const Tuning&)> routes;
  bool by_default = true;  // it is compared unless told otherwise
  optim::OrthogonalizeOptions orthogonalization = {};

  /// Of the products that orthogonalize.
  Precision precision_on(Device device) const {
    return orthogonalization.precision.value_or(fastest_precision(device));
  }

  std::unique_ptr<optim::Optimizer> optimizer(const nn::Parameters& parameters) const;

  /// Which rule each parameter has, without an optimizer's state.
  std::vector<optim::Assignment> assignments(const nn::Parameters& parameters) const;
};

/// Columns that lines leave for a name: as many as the longest of these has, at least 8.
std::size_t name_width(const std::vector<Contender>& contenders);

}  // namespace muonlab::app
