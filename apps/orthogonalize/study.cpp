#include "apps/orthogonalize/study.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "muonlab/core/kernels/reduce.h"
#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"
#include "muonlab/core/rng.h"
#include "muonlab/nn/init.h"
#include "muonlab/optim/orthogonalize_cost.h"

namespace muonlab::app {
namespace {

Stage stage_of(const Tensor& x, const Tensor& exact) {
  return {.x = x,
          .singular_values = linalg::singular_values(x),
          .error = math::norm(math::sub(x, exact)) / math::norm(exact)};
}

Tensor normalized(const Tensor& m) {
  Tensor x(m.shape());
  run(m.device(), kernel::Normalize{.x = m, .y = x});
  return x;
}

/// The stages of M with this set. Each stage begins with M again, because the rounding of the
/// products depends on how many steps there are.
Path path_of(const Tensor& m, const Tensor& exact, optim::Coefficients set, int steps,
             Precision precision) {
  const bool is_small = m.shape() == Shape{2, 2};
  optim::OrthogonalizeOptions options = {
      .steps = steps, .coefficients = set, .precision = precision};
  const optim::Plan plan = optim::plan_for(m.shape()[0], m.shape()[1], options);
  Path path = {.set = std::string(name_of(set)), .precision = plan.precision, .stages = {}};
  for (int count = 1; count <= steps; ++count) {
    options.steps = count;
    path.stages.push_back(stage_of(optim::orthogonalize(m, options), exact));
    if (count < steps && !is_small) path.stages.back().x = {};  // many would fill the memory
  }
  return path;
}

}  // namespace

Index Stage::near_one() const {
  constexpr double least = 0.5;
  constexpr double most = 1.5;
  return std::ranges::count_if(singular_values,
                               [](double value) { return least <= value && value <= most; });
}

std::string Study::sets_in_float32() const {
  std::string names;
  std::size_t count = 0;
  for (const Path& path : paths) {
    if (path.precision == precision) continue;
    names += (names.empty() ? "" : ", ") + path.set;
    ++count;
  }
  return count == paths.size() ? "every set" : names;
}

Index Study::rank() const {
  const std::vector<double>& values = start.singular_values;
  const auto longer = static_cast<double>(std::max(start.x.shape()[0], start.x.shape()[1]));
  const double least = values.front() * longer * std::numeric_limits<float>::epsilon();
  return std::ranges::count_if(values, [least](double value) { return value > least; });
}

Study study(const Tensor& m, const std::vector<optim::Coefficients>& sets, int steps,
            Precision precision) {
  check(!sets.empty() && steps >= 1, "study: at least 1 set and 1 step are needed, got ",
        sets.size(), " and ", steps);
  const Tensor exact = linalg::polar_factor(m);
  Study study = {.start = stage_of(m, exact),
                 .normalized = stage_of(normalized(m), exact),
                 .exact = stage_of(exact, exact),
                 .paths = {},
                 .precision = precision};
  for (const optim::Coefficients set : sets) {
    study.paths.push_back(path_of(m, exact, set, steps, precision));
  }
  return study;
}

Tensor spectrum_example() {
  constexpr Index n = 100;
  Rng rng(0);
  Tensor scaled = math::transpose(nn::init::orthogonal({n, n}, rng));
  for (Index i = 0; i < scaled.count(); ++i) {
    const auto k = static_cast<double>(i % n);  // the column's number
    scaled.data()[i] *= static_cast<float>(std::pow(10, -4.5 * k / (n - 1)));
  }
  return math::matmul(scaled, nn::init::orthogonal({n, n}, rng));
}

}  // namespace muonlab::app
