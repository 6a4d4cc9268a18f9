#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "optim/optimizer.h"

/// What optimizers keep in memory between steps, in float32 numbers for each parameter.
namespace muonlab::app {

/// An optimizer and the copies of a parameter that it keeps beside it.
struct Keeping {
  std::string name;
  std::string about;
  Index hidden;  // for a hidden matrix or filter bank
  Index others;  // for all other parameters
  std::function<std::unique_ptr<optim::Optimizer>(const nn::Parameters&)> make;

  /// Copies of a hidden matrix altogether, itself included.
  Index copies() const { return 1 + hidden; }
};

/// SGD, SGD with momentum, Muon, the hybrid, AdamW.
const std::vector<Keeping>& all_keepings();

/// The one of this name.
const Keeping& keeping_named(const std::string& name);

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
