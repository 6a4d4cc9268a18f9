#pragma once

#include <string>
#include <vector>

#include "muonlab/optim/optimizer.h"

/// What orthogonalizing by Newton-Schulz adds to a training step, counted in floating-point
/// operations. Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/
namespace muonlab::app {

/// A weight matrix and what a step does with it.
struct MatrixWork {
  std::string name;    // of the parameter
  Index rows;          // filters of a convolution
  Index columns;       // what a row meets: a filter's taps in all channels
  Index activations;   // vectors it multiplies: the batch, times a convolution's positions
  bool first = false;  // its input is data, and needs no gradient
};

/// The matrices of a model on batches of `batch`. `positions[i]` is the number of places in an
/// image where the filters of the i-th convolution are applied. Throws when there are more
/// convolutions.
std::vector<MatrixWork> matrices_of(const nn::Parameters& parameters,
                                    const std::vector<Index>& positions, Index batch);

/// Forward and backward, 6 n M B for a matrix (n, M) and B vectors: a product each for the output,
/// for the gradient of the matrix and for that of the input, which the first matrix does without.
double layer_flops(const MatrixWork& matrix);

/// Operations of a step. The optimizers' elementwise work is left out: it is small beside both.
struct Cost {
  double newton_schulz = 0;  // as the steps are written
  double performed = 0;      // what remains of them in the form that is used
  double layers = 0;

  double share() const { return newton_schulz / (newton_schulz + layers); }
  double performed_share() const { return performed / (performed + layers); }
};

/// Whether any parameter's updates are orthogonalized.
bool has_orthogonalization(const std::vector<optim::Assignment>& assignments);

/// Of these layers, and of what orthogonalizes their matrices.
Cost cost_of(const std::vector<MatrixWork>& matrices,
             const std::vector<optim::Assignment>& assignments);

/// The share of something that took `share` of a step when the rest grows by `factor`.
double diluted(double share, double factor);

/// A line that says which share of a step Newton-Schulz has, measured in time and predicted by
/// operations, and when it is above 30 %, a line of advice; `images` is how many a batch can have.
std::vector<std::string> cost_lines(const Cost& cost, double measured, Index batch, Index images);

}  // namespace muonlab::app
