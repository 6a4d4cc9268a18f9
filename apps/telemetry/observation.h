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
/// filter bank (out, in, kh, kw) is (out, in kh kw). The lists are singular values, largest first,
/// as many as the smaller of rows and columns.
struct ObservedMatrix {
  std::string parameter;
  Index rows;
  Index columns;
  double weight_norm;            // Frobenius, before the step
  std::vector<double> gradient;  // of the loss
  std::vector<double> momentum;  // after the step; empty where the rule keeps none
  std::vector<double> update;    // weights before minus after the step: rate, scale, decay and all

  /// |update| / |weights|, in Frobenius norms; none when all weights are zero.
  std::optional<double> update_ratio() const;
};

/// A run of a comparison, by its optimizer and its seed.
using RunName = std::pair<std::string, std::uint64_t>;

/// What one step of a run was made of.
struct Observation {
  std::string optimizer;
  std::uint64_t seed;
  Index step;      // of the run, from 1
  double seconds;  // that its spectra took
  std::vector<ObservedMatrix> matrices = {};

  RunName run() const { return {optimizer, seed}; }
};

/// The weights that observe() compares with: a copy for every parameter with two axes or more,
/// empty tensors for the others.
std::vector<Tensor> copies_of_matrices(const nn::Parameters& parameters);

/// The matrices of a model after a step that began with the weights `before`, and whose gradients
/// are still there. A parameter without a gradient is left out. None when an element is not finite.
/// Throws when the singular values of a matrix cannot be found.
std::optional<std::vector<ObservedMatrix>> observe(const nn::Parameters& parameters,
                                                   const std::vector<Tensor>& before,
                                                   const optim::State& state);

}  // namespace muonlab::app
