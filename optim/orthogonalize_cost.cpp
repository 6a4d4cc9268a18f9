#include "optim/orthogonalize_cost.h"

#include <algorithm>

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
Cost cost_of(Index rows, Index columns, Form form, Steps steps, Precision precision,
             bool halves = true) {
  Cost cost(rows, columns);
  const bool symmetric = form != Form::plain && halves;
  const Precision small = form == Form::gram ? Precision::float32 : precision;
  for (std::size_t done = 0; done < steps.size();) {
    const Steps segment =
        steps.subspan(done, form == Form::gram ? gram_segment(steps, done, precision) : 1);
    cost.gram(symmetric, precision);
    for (std::size_t k = 0; k < segment.size(); ++k) {
      if (segment[k].c != 0) cost.multiply(symmetric, small);
      if (k > 0) cost.multiply(symmetric, small);  // Q
      if (k + 1 == segment.size()) break;
      cost.multiply(symmetric, small);  // S, twice
      cost.multiply(symmetric, small);
    }
    cost.apply(precision);
    done += segment.size();
  }
  return cost;
}

/// cuBLAS computes all products in whole. In bfloat16 tensor cores take a tenth of the time of the
/// float32 that the gram form then needs.
Form fastest_on_gpu(Index rows, Index columns, Steps steps, Precision precision) {
  if (precision == Precision::bfloat16) return Form::symmetric;
  const double symmetric = cost_of(rows, columns, Form::symmetric, steps, precision, false).flops;
  const double gram = cost_of(rows, columns, Form::gram, steps, precision, false).flops;
  return symmetric <= gram ? Form::symmetric : Form::gram;
}

Form fastest(Index rows, Index columns, Steps steps, Precision precision) {
  const double symmetric = cost_of(rows, columns, Form::symmetric, steps, precision).seconds;
  const double gram = cost_of(rows, columns, Form::gram, steps, precision).seconds;
  return symmetric <= gram ? Form::symmetric : Form::gram;
}

Cost cost_of(Index rows, Index columns, const OrthogonalizeOptions& options) {
  const std::vector<NewtonSchulzStep> steps = steps_of(options);
  const Form form = options.form == Form::automatic
                        ? fastest(rows, columns, steps, options.precision)
                        : options.form;
  return cost_of(rows, columns, form, steps, options.precision);
}

}  // namespace

std::size_t gram_segment(Steps steps, std::size_t done, Precision precision) {
  const std::size_t left = steps.size() - done;
  if (precision == Precision::float32) return std::min<std::size_t>(left, 3);
  if (done > 0) return left == 2 ? 2 : 1;
  if (left < 3) return left;
  const float growth = steps[0].a * steps[0].a * steps[1].a * steps[1].a;
  return growth <= 150 ? 3 : 2;  // standard: 141, polar_express: 1087
}

Index flops(Index rows, Index columns, const OrthogonalizeOptions& options) {
  return static_cast<Index>(cost_of(rows, columns, options).flops);
}

double predicted_seconds(Index rows, Index columns, const OrthogonalizeOptions& options) {
  return cost_of(rows, columns, options).seconds;
}

Form form_for(Index rows, Index columns, const OrthogonalizeOptions& options, Device device) {
  if (options.form != Form::automatic) return options.form;
  const std::vector<NewtonSchulzStep> steps = steps_of(options);
  return device == Device::cpu ? fastest(rows, columns, steps, options.precision)
                               : fastest_on_gpu(rows, columns, steps, options.precision);
}

}  // namespace muonlab::optim
