#include "muonlab/optim/orthogonalize_cost.h"

#include <algorithm>

#include "muonlab/optim/rounding.h"

namespace muonlab::optim {
namespace {

using Steps = std::span<const NewtonSchulzStep>;

// Fitted to what 66 orthogonalizations of 11 shapes took on one core of an AMD EPYC (Zen 5) with
// oneDNN 2.6: from 10 x 128 to 768 x 3072 the root-mean-square error is 8 %.
constexpr double float32_rate = 214e9;   // FLOPs per second
constexpr double bfloat16_rate = 381e9;  // FLOPs per second
constexpr double bandwidth = 100e9;      // bytes per second, of operands and results
constexpr double call = 0.7e-6;          // seconds for each product
constexpr double tile = 64;  // side of the tiles, of which a symmetric product needs those below

/// What the products of one orthogonalization add up to.
class Cost {
 public:
  Cost(Index rows, Index columns)
      : n_(static_cast<double>(std::min(rows, columns))),
        m_(static_cast<double>(std::max(rows, columns))) {}

  /// S = X X^T.
  void gram(bool symmetric, Precision precision) {
    add(2 * n_ * n_ * m_, symmetric, precision, n_ * m_ + n_ * n_);
  }

  /// Y = a X + P X.
  void apply(Precision precision) {
    add(2 * n_ * n_ * m_, false, precision, n_ * n_ + 3 * n_ * m_);
  }

  /// R = P Q + D.
  void multiply(bool symmetric, Precision precision) {
    add(2 * n_ * n_ * n_, symmetric, precision, 4 * n_ * n_);
  }

  double flops = 0;
  double seconds = 0;

 private:
  void add(double product_flops, bool symmetric, Precision precision, double elements) {
    const double rate = precision == Precision::float32 ? float32_rate : bfloat16_rate;
    const double computed = symmetric && n_ > tile ? (1 + tile / n_) / 2 : 1;
    flops += symmetric ? product_flops / 2 : product_flops;
    seconds += product_flops * computed / rate + 4 * elements / bandwidth + call;
  }

  double n_, m_;
};

/// Products of symmetric results by half where `halves`.
Cost cost_of(Index rows, Index columns, const Plan& plan, Steps steps, bool halves = true) {
  const auto [form, precision] = plan;
  Cost cost(rows, columns);
  const bool symmetric = form != Form::plain && halves;
  const std::size_t segment = form == Form::gram ? gram_segment : 1;
  for (std::size_t done = 0; done < steps.size(); done += segment) {
    const std::size_t end = std::min(done + segment, steps.size());
    cost.gram(symmetric, precision);
    for (std::size_t k = done; k < end; ++k) {
      if (steps[k].c != 0) cost.multiply(symmetric, precision);
      if (k > done) cost.multiply(symmetric, precision);  // Q
      if (k + 1 == end) break;
      cost.multiply(symmetric, precision);  // S, twice
      cost.multiply(symmetric, precision);
    }
    cost.apply(precision);
  }
  return cost;
}

/// The faster of two.
Plan fastest(Index rows, Index columns, Steps steps, Precision precision, Device device) {
  const Plan symmetric = {Form::symmetric, precision};
  const Plan gram = {Form::gram, Precision::float32};
  const Cost of_symmetric = cost_of(rows, columns, symmetric, steps, device == Device::cpu);
  const Cost of_gram = cost_of(rows, columns, gram, steps, device == Device::cpu);
  if (device == Device::cpu) return of_symmetric.seconds <= of_gram.seconds ? symmetric : gram;
  // cuBLAS computes all products in whole, those in bfloat16 in a tenth of the time.
  const bool is_fast = precision == Precision::bfloat16;
  return is_fast || of_symmetric.flops <= of_gram.flops ? symmetric : gram;
}

}  // namespace

Plan plan_for(Index rows, Index columns, const OrthogonalizeOptions& options, Device device) {
  const std::vector<NewtonSchulzStep> steps = steps_of(options);
  const Precision wanted = options.precision.value_or(fastest_precision(device));
  const bool in_bfloat16 = wanted == Precision::bfloat16 && options.form != Form::gram &&
                           std::min(rows, columns) >= smallest_in_bfloat16 &&
                           holds_in_bfloat16(steps);
  const Precision precision = in_bfloat16 ? Precision::bfloat16 : Precision::float32;
  if (options.form != Form::automatic) return {options.form, precision};
  return fastest(rows, columns, steps, precision, device);
}

Index flops(Index rows, Index columns, const OrthogonalizeOptions& options) {
  const Plan plan = plan_for(rows, columns, options);
  return static_cast<Index>(cost_of(rows, columns, plan, steps_of(options)).flops);
}

double predicted_seconds(Index rows, Index columns, const OrthogonalizeOptions& options) {
  return cost_of(rows, columns, plan_for(rows, columns, options), steps_of(options)).seconds;
}

}  // namespace muonlab::optim
