#include "muonlab/optim/weight_average.h"

#include <algorithm>
#include <utility>

#include "muonlab/core/math.h"

namespace muonlab::optim {

WeightAverage::WeightAverage(nn::Parameters parameters, Index window)
    : parameters_(std::move(parameters)), window_(window) {
  check(window >= 1, "weight average: the window is ", window, " steps, expected at least 1");
  for (const nn::Parameter& parameter : parameters_) {
    means_.push_back(parameter.variable.value().clone());
  }
}

void WeightAverage::update() {
  check(!is_swapped_, "weight average: the model has the average; call exchange() first");
  const float fresh = 1 / static_cast<float>(std::min(++steps_, window_));
  for (std::size_t i = 0; i < means_.size(); ++i) {
    math::combine(1 - fresh, means_[i], fresh, parameters_[i].variable.value(), means_[i]);
  }
}

void WeightAverage::exchange() {
  for (std::size_t i = 0; i < means_.size(); ++i) {
    Tensor& value = parameters_[i].variable.value();
    const Tensor weights = value.clone();
    value.copy_from(means_[i]);
    means_[i].copy_from(weights);
  }
  is_swapped_ = !is_swapped_;
}

}  // namespace muonlab::optim
