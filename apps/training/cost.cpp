#include "apps/training/cost.h"

#include <algorithm>
#include <fmt/format.h>

#include "muonlab/core/error.h"

namespace muonlab::app {

std::vector<MatrixWork> matrices_of(const nn::Parameters& parameters,
                                    const std::vector<Index>& positions, Index batch) {
  std::vector<MatrixWork> matrices;
  std::size_t convolutions = 0;
  for (const nn::Parameter& parameter : parameters) {
    const Shape& shape = parameter.variable.shape();
    if (shape.rank() < 2) continue;
    MatrixWork matrix = {.name = parameter.name,
                         .rows = shape[0],
                         .columns = shape.count() / std::max<Index>(1, shape[0]),
                         .activations = batch,
                         .first = matrices.empty()};
    if (shape.rank() > 2) {
      check(convolutions < positions.size(), "cost: the positions of ", parameter.name,
            " are not known");
      matrix.activations *= positions[convolutions++];
    }
    matrices.push_back(matrix);
  }
  return matrices;
}

double layer_flops(const MatrixWork& matrix) {
  const auto products = matrix.first ? 2.0 : 3.0;
  return products * 2 * static_cast<double>(matrix.rows) * static_cast<double>(matrix.columns) *
         static_cast<double>(matrix.activations);
}

bool has_orthogonalization(const std::vector<optim::Assignment>& assignments) {
  return std::ranges::any_of(assignments, [](const optim::Assignment& assignment) {
    return assignment.operations.written > 0;
  });
}

Cost cost_of(const std::vector<MatrixWork>& matrices,
             const std::vector<optim::Assignment>& assignments) {
  Cost cost;
  for (const MatrixWork& matrix : matrices) cost.layers += layer_flops(matrix);
  for (const optim::Assignment& assignment : assignments) {
    cost.newton_schulz += assignment.operations.written;
    cost.performed += assignment.operations.performed;
  }
  return cost;
}

double diluted(double share, double factor) { return share / (share + (1 - share) * factor); }

std::vector<std::string> cost_lines(const Cost& cost, double measured, Index batch, Index images) {
  constexpr double large = 0.3;
  std::vector<std::string> lines = {
      fmt::format("Newton-Schulz took {:.0f} % of the time, predicted {:.0f} % of the operations "
                  "({:.0f} % by T (4 n² M + 2 n³) beside 6 n M B)",
                  100 * measured, 100 * cost.performed_share(), 100 * cost.share())};
  if (measured <= large || measured >= 1) return lines;
  Index factor = 1;
  while (diluted(measured, static_cast<double>(factor)) > large && 2 * factor * batch <= images) {
    factor *= 2;
  }
  const std::string larger =
      factor == 1
          ? ""
          : fmt::format(
                "larger batches share it: at --batch-size {} about {:.0f} %, in fewer steps, so "
                "with other rates or more epochs; ",
                factor * batch, 100 * diluted(measured, static_cast<double>(factor)));
  lines.push_back(larger + "fewer Newton-Schulz steps, --newton-schulz steps=3, cost less");
  return lines;
}

}  // namespace muonlab::app
