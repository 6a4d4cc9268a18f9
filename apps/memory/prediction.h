#pragma once

#include <functional>
#include <string>
#include <vector>

#include "muonlab/optim/hybrid.h"

/// What optimizers keep in memory between steps, in float32 numbers for each parameter.
namespace muonlab::app {

/// An optimizer, and how many numbers it keeps beside each parameter.
struct Keeping {
  std::string name;
  std::string about;
  std::function<Index(const Shape& matrix)> hidden;  // numbers kept for a hidden matrix or filters
  Index others;                                      // copies kept of each other parameter
  std::function<std::vector<optim::Route>()> routes;
  bool by_roles = false;  // hidden matrices and others have different rules

  /// How many copies of a large hidden matrix there are, the matrix itself included.
  double copies() const;
};

/// SGD, SGD with momentum, Muon and its family, the hybrid, AdamW.
const std::vector<Keeping>& all_keepings();

/// The optimizer of this name. Throws when there is none.
const Keeping& keeping_named(const std::string& name);

/// The optimizers shown for models that the tutorials name: sgd, momentum, muon and adamw.
const std::vector<Keeping>& shown_for_models();

/// Bytes of the parameters and the state of a model whose matrices are all hidden ones.
double predicted_bytes(const Keeping& keeping, double parameters);

/// Bytes of the parameters themselves; their gradients have as many.
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

/// Reads a number of parameters: "7B", "340M", "12K", "1.5e9". Throws for anything else; the
/// message begins with --parameters.
double parse_count(const std::string& text);

}  // namespace muonlab::app
