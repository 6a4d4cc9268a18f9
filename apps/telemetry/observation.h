#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "muonlab/core/tensor.h"
#include "muonlab/optim/optimizer.h"

namespace muonlab::app {

/// A parameter with two axes or more, as the matrix (rows, columns) that Muon takes it for: a
/// filter bank (out, in, kh, kw) is (out, in kh kw). The lists hold min(rows, columns) singular
/// values, largest first.
struct ObservedMatrix {
  std::string parameter;
  Index rows;
  Index columns;
  double weight_norm;            // Frobenius, before the step
  std::vector<double> gradient;  // of the loss
  std::vector<double> momentum;  // after the step; empty where the rule keeps none
  std::vector<double> update;    // weights before minus after the step, rate and decay included

  /// |update| / |weights|, in Frobenius norms; none when all weights are zero.
  std::optional<double> update_ratio() const;
};

/// A run of a comparison, by its optimizer and its seed.
using RunName = std::pair<std::string, std::uint64_t>;

/// What was observed in one step of a run.
struct Observation {
  std::string optimizer;
  std::uint64_t seed;
  Index step;      // of the run, from 1
  double seconds;  // that its singular values took
  std::vector<ObservedMatrix> matrices = {};

  RunName run() const { return {optimizer, seed}; }
};

/// The weights before a step, for observe(): a copy for every parameter with two axes or more, an
/// empty tensor for each of the others.
std::vector<Tensor> copies_of_matrices(const nn::Parameters& parameters);

/// Observes the matrices of a model after a step that began with the weights `before`; its
/// gradients must still be there. A parameter without a gradient is left out. Returns none when an
/// element is not finite. Throws when the singular values of a matrix cannot be found.
std::optional<std::vector<ObservedMatrix>> observe(const nn::Parameters& parameters,
                                                   const std::vector<Tensor>& before,
                                                   const optim::State& state);

}  // namespace muonlab::app
