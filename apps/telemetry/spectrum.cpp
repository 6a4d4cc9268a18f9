#include "apps/telemetry/spectrum.h"

#include <cmath>
#include <numeric>

namespace muonlab::app {
namespace {

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

double effective_rank(std::span<const double> values) {
  const double all = sum(values);
  if (all == 0) return 0;
  double entropy = 0;
  for (const double value : values) {
    const double p = value / all;
    if (p > 0) entropy -= p * std::log(p);
  }
  return std::exp(entropy);
}

std::optional<double> distance_from_orthogonality(std::span<const double> values) {
  const double mean = sum(values) / static_cast<double>(values.size());
  if (values.empty() || mean == 0) return {};
  double squares = 0;
  for (const double value : values) squares += (value / mean - 1) * (value / mean - 1);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

double frobenius_norm(std::span<const double> values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

}  // namespace muonlab::app
