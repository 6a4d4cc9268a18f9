// How an orthogonalization is computed: the forms of its products, their precision, batches.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/threads.h"
#include "muonlab/optim/orthogonalize.h"
#include "muonlab/optim/orthogonalize_cost.h"
#include "tests/spectra.h"

namespace muonlab::test {
namespace {

using optim::Coefficients;
using optim::Form;
using optim::orthogonalize;

constexpr Form forms[] = {Form::plain, Form::symmetric, Form::gram};

bool same_bits(const Tensor& a, const Tensor& b) { return values(a) == values(b); }

/// Singular values that are hard in different ways, each of norm 1.
struct Spectrum {
  std::string name;
  std::vector<double> values;
};

std::vector<double> with_norm_1(std::vector<double> values) {
  double squares = 0;
  for (const double s : values) squares += s * s;
  for (double& s : values) s /= std::sqrt(squares);
  return values;
}

std::vector<Spectrum> hard_spectra(int k) {
  std::vector<double> even(k, 1), steep(k), steeper(k), half_rank(k), near_rank_1(k, 1e-2 / k);
  for (int i = 0; i < k; ++i) {
    steep[i] = std::pow(1e-3, i / (k - 1.0));
    steeper[i] = std::pow(1e-6, i / (k - 1.0));
    half_rank[i] = i < k / 2 ? 1 - 0.5 * i / k : 0;
  }
  near_rank_1[0] = 1;
  return {{"even", with_norm_1(even)},
          {"condition 1e3", with_norm_1(steep)},
          {"condition 1e6", with_norm_1(steeper)},
          {"half of the rank", with_norm_1(half_rank)},
          {"near rank 1", with_norm_1(near_rank_1)}};
}

/// The most that steps make of values from `smallest` to `largest`.
double highest(const std::vector<optim::NewtonSchulzStep>& steps, double smallest, double largest) {
  double high = 0;
  for (int i = 0; i <= 2000; ++i) {
    high = std::max(high, composed(smallest * std::pow(largest / smallest, i / 2e3), steps));
  }
  return high;
}

// Sums of some 100 products, each rounded at 6e-8, grow by 485 and more in the steps.
constexpr double float32_tolerance = 1e-3;
// The band is flat where singular values stay, but within it they move along steep polynomials:
// most with polar_express, 7 % in the Frobenius norm.
constexpr double bfloat16_distance = 0.1;

TEST_CASE("singular values end in the band of the set, in any form, precision and shape") {
  Rng rng(1);
  for (const Shape& shape : {Shape{64, 64}, Shape{32, 96}, Shape{96, 32}, Shape{24, 192}}) {
    const Index k = std::min(shape[0], shape[1]);
    for (const Spectrum& spectrum : hard_spectra(static_cast<int>(k))) {
      const Tensor g = with_singular_values(shape[0], shape[1], spectrum.values, rng);
      const auto positive = std::ranges::count_if(spectrum.values, [](double s) { return s > 0; });
      const double smallest = spectrum.values[static_cast<std::size_t>(positive - 1)];
      for (const Band& band : bands) {
        const auto steps = optim::repeat_last(optim::steps_of(band.set), band.steps);
        const double top = std::max(band.high, highest(steps, smallest, spectrum.values[0]));
        for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
          for (const Form form : forms) {
            CAPTURE(shape);
            CAPTURE(spectrum.name);
            CAPTURE(name_of(band.set));
            CAPTURE(name_of(precision));
            CAPTURE(name_of(form));
            const optim::OrthogonalizeOptions options = {.steps = band.steps,
                                                         .coefficients = band.set,
                                                         .precision = precision,
                                                         .form = form};
            const bool is_rounded =
                plan_for(shape[0], shape[1], options).precision == Precision::bfloat16;
            const double low = is_rounded ? band.low_in_bfloat16 : band.low - float32_tolerance;
            const double high = is_rounded ? band.high_in_bfloat16 : top + float32_tolerance;
            const auto result = linalg::singular_values(orthogonalize(g, options));
            CHECK(result[0] < high);
            if (smallest >= band.smallest) CHECK(result[positive - 1] > low);
          }
        }
      }
    }
  }
}

TEST_CASE("equal elements, whose roundings do not cancel, keep their sign with every set") {
  for (int i = 0; i < 10; ++i) {
    const Tensor g = math::full({64 + i, 90 - 2 * i}, 1);
    for (const Coefficients set : optim::all_coefficients()) {
      for (const Form form : forms) {
        const Tensor o =
            orthogonalize(g, {.coefficients = set, .precision = Precision::bfloat16, .form = form});
        const double s = math::norm(o);
        CAPTURE(name_of(set));
        CHECK(dot(g, o) > 0);
        CHECK((0.3 < s && s < 1.4));
      }
    }
  }
}

TEST_CASE("two blocks of equal elements end in the band: all roundings of a block are the same") {
  for (const Index size : {19, 32, 38}) {
    Tensor g = math::zeros({2 * size, 2 * size});
    for (Index i = 0; i < g.count(); ++i) {
      if (i / size % 2 == i / (2 * size * size)) g.data()[i] = 1;
    }
    for (const Band& band : bands) {
      const double exact = composed(std::sqrt(0.5), band.set, band.steps);
      for (const Form form : forms) {
        CAPTURE(name_of(band.set));
        const Tensor o = orthogonalize(g, {.steps = band.steps,
                                           .coefficients = band.set,
                                           .precision = Precision::bfloat16,
                                           .form = form});
        const double s = static_cast<double>(size) * o.data()[0];
        CHECK(std::min(band.low_in_bfloat16, exact - float32_tolerance) < s);
        CHECK(s < std::max(band.high_in_bfloat16, exact + float32_tolerance));
      }
    }
  }
}

TEST_CASE("the forms agree up to rounding") {
  Rng rng(2);
  for (const Shape& shape : {Shape{20, 50}, Shape{50, 20}, Shape{30, 30}, Shape{130, 300}}) {
    const Tensor g = random_normal(shape, rng);
    for (const Coefficients set : optim::all_coefficients()) {
      for (const int steps : {1, 2, 3, 4, 5, 6, 8}) {
        const auto by = [&](Form form, Precision precision) {
          return orthogonalize(
              g, {.steps = steps, .coefficients = set, .precision = precision, .form = form});
        };
        const Tensor expected = by(Form::plain, Precision::float32);
        CAPTURE(name_of(set));
        CAPTURE(steps);
        CHECK(relative_error(by(Form::symmetric, Precision::float32), expected) < 1e-4);
        CHECK(relative_error(by(Form::gram, Precision::float32), expected) < 1e-4);
        for (const Form form : forms) {
          CHECK(relative_error(by(form, Precision::bfloat16), expected) < bfloat16_distance);
        }
      }
    }
  }
}

TEST_CASE("a batch has the bits of its matrices one at a time, for any number of threads") {
  Rng rng(3);
  const int threads_before = threads();
  for (const Shape& shape : {Shape{10, 60}, Shape{70, 150}, Shape{150, 70}, Shape{128, 128}}) {
    std::vector<Tensor> matrices;
    for (int i = 0; i < 5; ++i) matrices.push_back(random_normal(shape, rng));
    for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
      for (const Form form : forms) {
        const optim::OrthogonalizeOptions options = {.precision = precision, .form = form};
        set_threads(1);
        const std::vector<Tensor> alone = orthogonalize(matrices, options);
        set_threads(4);
        const std::vector<Tensor> together = orthogonalize(matrices, options);
        CHECK(together.size() == matrices.size());
        for (std::size_t i = 0; i < matrices.size(); ++i) {
          CHECK(same_bits(together[i], alone[i]));
          CHECK(same_bits(together[i], orthogonalize(matrices[i], options)));
        }
      }
    }
  }
  set_threads(threads_before);
  CHECK(orthogonalize(std::vector<Tensor>{}).empty());
}

TEST_CASE("more matrices than fit the cache at once are still each orthogonalized") {
  Rng rng(4);
  std::vector<Tensor> matrices;
  for (int i = 0; i < 5; ++i) matrices.push_back(random_normal({8, 6000}, rng));  // two at once
  const std::vector<Tensor> together = orthogonalize(matrices);
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    CHECK(same_bits(together[i], orthogonalize(matrices[i])));
  }
}

TEST_CASE("the precision is that of the options, whatever products have elsewhere") {
  Rng rng(5);
  const Tensor g = random_normal({64, 80}, rng);
  const optim::OrthogonalizeOptions exact = {.precision = Precision::float32};
  const Tensor expected = orthogonalize(g, exact);
  const ProductPrecision scope(Precision::bfloat16);
  CHECK(same_bits(orthogonalize(g, exact), expected));
  CHECK_FALSE(same_bits(orthogonalize(g, {.precision = Precision::bfloat16}), expected));
}

TEST_CASE("steps of one's own take the place of a set, when they are safe") {
  Rng rng(6);
  const Tensor g = random_normal({20, 30}, rng);
  const auto quintic = optim::steps_of(Coefficients::quintic);
  const Tensor o = orthogonalize(g, {.sequence = {quintic.begin(), quintic.end()}});
  CHECK(same_bits(o, orthogonalize(g, {.coefficients = Coefficients::quintic})));
  CHECK_THROWS_WITH_AS(orthogonalize(g, {.steps = 1, .sequence = {{3, 0, 0}}}),
                       doctest::Contains("newton_schulz: step 1 takes the singular value 1"),
                       Error);
}

TEST_CASE("FLOPs are those of the formulas") {
  const double n = 256, m = 784;
  for (const auto& [rows, columns] : {std::pair<Index, Index>{256, 784}, {784, 256}}) {
    const auto count = [rows = rows,
                        columns = columns](const optim::OrthogonalizeOptions& options) {
      return static_cast<double>(optim::flops(rows, columns, options));
    };
    CHECK(count({.form = Form::plain}) == 5 * (4 * n * n * m + 2 * n * n * n));
    CHECK(count({.form = Form::symmetric}) == 5 * (3 * n * n * m + n * n * n));
    CHECK(count({.precision = Precision::float32, .form = Form::gram}) ==
          6 * n * n * m + 14 * n * n * n);
    CHECK(count({.precision = Precision::bfloat16, .form = Form::gram}) ==
          6 * n * n * m + 14 * n * n * n);
    CHECK(count({.coefficients = Coefficients::cubic5, .form = Form::plain}) == 20 * n * n * m);
    CHECK(count({.steps = 3, .precision = Precision::float32, .form = Form::gram}) ==
          3 * n * n * m + 9 * n * n * n);
  }
}

TEST_CASE("the form follows the shape and the precision") {
  const auto form = [](Index rows, Index columns, Precision precision) {
    return optim::plan_for(rows, columns, {.precision = precision}).form;
  };
  CHECK(form(512, 2048, Precision::float32) == Form::gram);
  CHECK(form(2048, 512, Precision::float32) == Form::gram);
  CHECK(form(512, 2048, Precision::bfloat16) == Form::symmetric);
  CHECK(form(512, 8192, Precision::bfloat16) == Form::gram);  // in float32, and faster
  CHECK(form(512, 512, Precision::float32) == Form::symmetric);
  CHECK(optim::plan_for(512, 512, {.form = Form::plain}).form == Form::plain);

  const auto seconds = [](Index columns, Precision precision) {
    return optim::predicted_seconds(512, columns, {.precision = precision});
  };
  CHECK(seconds(2048, Precision::bfloat16) < seconds(2048, Precision::float32));
  CHECK(seconds(2048, Precision::float32) < seconds(4096, Precision::float32));
}

}  // namespace
}  // namespace muonlab::test
