#pragma once

#include <functional>
#include <string>
#include <vector>

#include "muonlab/optim/hybrid.h"

/// What optimizers keep in memory between steps, in float32 numbers for each parameter.
namespace muonlab::app {

/// An optimizer and the copies of a parameter that it keeps beside it.
struct Keeping {
  std::string name;
  std::string about;
  std::function<Index(const Shape& matrix)> hidden;  // numbers, of a hidden matrix or filter bank
  Index others;                                      // copies of all other parameters
  std::function<std::vector<optim::Route>()> routes;
  bool by_roles = false;  // hidden matrices and others differ

  /// Copies of a large hidden matrix altogether, itself included.
  double copies() const;
};

/// SGD, SGD with momentum, Muon and its family, the hybrid, AdamW.
const std::vector<Keeping>& all_keepings();

/// The one of this name.
const Keeping& keeping_named(const std::string& name);

/// Those that are shown for models that the tutorials name: sgd, momentum, muon and adamw.
const std::vector<Keeping>& shown_for_models();

/// Bytes of the parameters and the state of a model whose matrices are all hidden ones.
double predicted_bytes(const Keeping& keeping, double parameters);

/// Bytes of the parameters themselves, as many as their gradients have.
Index predicted_parameters(const nn::Parameters& parameters);

/// Bytes of the state for these parameters, by their roles.
Index predicted_state(const Keeping& keeping, const nn::Parameters& parameters);

/// A model that the tutorials name, with the memory that they print for Adam.
struct Published {
  std::string name;
  double parameters;
  double adam;  // bytes
};

const std::vector<Published>& all_published();

/// "7B", "340M", "12K", "1.5e9": how many parameters. Throws, in the name of --parameters, for
/// anything else.
double parse_count(const std::string& text);

}  // namespace muonlab::app
