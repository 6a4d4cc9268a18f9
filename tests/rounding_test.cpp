// Bands in bfloat16: by proof, and on nasty matrices.
#include "muonlab/optim/rounding.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "muonlab/optim/orthogonalize_cost.h"
#include "tests/nasty.h"
#include "tests/svd.h"

namespace muonlab::test {
namespace {

using optim::Form;

TEST_CASE("the bands in bfloat16 hold by proof, and what has none is not computed in it") {
  for (const Band& band : bands) {
    CAPTURE(name_of(band.set));
    const auto steps = optim::repeat_last(optim::steps_of(band.set), band.steps);
    const bool is_documented = band.high_in_bfloat16 > 0;
    CHECK(optim::holds_in_bfloat16(steps) == is_documented);
    if (!is_documented) continue;
    const optim::Interval proved = optim::band_in_bfloat16(steps, band.smallest);
    CHECK(band.low_in_bfloat16 < proved.low);
    CHECK(proved.high < band.high_in_bfloat16);
    CHECK(proved.low < band.low);  // rounding leaves its mark
  }
}

TEST_CASE("sets that hold in bfloat16 do so for any number of steps") {
  using enum optim::Coefficients;
  for (const auto set : {standard, you6, deepseek, cubic, taylor}) {
    for (int count = 1; count <= 20; ++count) {
      CHECK(optim::holds_in_bfloat16(optim::repeat_last(optim::steps_of(set), count)));
    }
  }
}

TEST_CASE("bfloat16 is left for float32 where it could do harm or would gain nothing") {
  const auto precision = [](Index rows, Index columns, optim::OrthogonalizeOptions options) {
    options.precision = Precision::bfloat16;
    return optim::plan_for(rows, columns, options).precision;
  };
  CHECK(precision(64, 64, {}) == Precision::bfloat16);
  CHECK(precision(512, 2048, {}) == Precision::bfloat16);
  CHECK(precision(63, 4096, {}) == Precision::float32);
  CHECK(precision(512, 512, {.form = Form::gram}) == Precision::float32);
  for (const Band& band : bands) {
    const bool holds = band.high_in_bfloat16 > 0;
    CHECK((precision(512, 512, {.steps = band.steps, .coefficients = band.set}) ==
           Precision::bfloat16) == holds);
  }
  CHECK(precision(512, 512, {.sequence = {{1.5F, -0.5F, 0}}}) == Precision::bfloat16);
}

/// How far results lie outside of what is documented.
struct Verdict {
  Index results = 0, outside = 0, turned = 0;
  double farthest = 0;  // beyond a band, in bfloat16 and in float32
};

/// The most that the steps make of any singular value up to 1.
double top_of(const std::vector<optim::NewtonSchulzStep>& steps) {
  double top = 0;
  for (int i = 0; i <= 3000; ++i) top = std::max(top, composed(std::pow(10, -i / 500.0), steps));
  return top;
}

void judge(const Tensor& g, const Svd& svd, const Band& band, double top, Form form,
           Precision precision, Verdict& verdict) {
  const optim::OrthogonalizeOptions options = {
      .steps = band.steps, .coefficients = band.set, .precision = precision, .form = form};
  const Tensor o = optim::orthogonalize(g, options);
  const bool is_rounded =
      optim::plan_for(g.shape()[0], g.shape()[1], options).precision == Precision::bfloat16;
  double norm = 0;
  for (const double s : svd.s) norm = std::hypot(norm, s);
  const double smallest = std::max(1.000001 * band.smallest * norm, 1e-300);
  std::size_t covered = 0;  // singular values that the band speaks of
  while (covered < svd.s.size() && svd.s[covered] >= smallest) ++covered;
  const double high = covered == svd.s.size() ? band.high : top;
  const double float32_tolerance = 0.001;
  const double least = is_rounded ? band.low_in_bfloat16 : band.low - float32_tolerance;
  const double most = is_rounded ? band.high_in_bfloat16 : high + float32_tolerance;

  const std::vector<double> values = linalg::singular_values(o);
  const double beyond = std::max(values[0] - most, covered == 0 ? 0 : least - values[covered - 1]);
  ++verdict.results;
  verdict.outside += !(beyond <= 0);
  verdict.farthest = std::max(verdict.farthest, beyond);
  for (std::size_t k = 0; k < covered; ++k) {
    double along = 0;  // u^T o v
    for (Index i = 0; i < o.shape()[0]; ++i) {
      for (Index j = 0; j < o.shape()[1]; ++j) {
        along += svd.u[k][i] * o.data()[i * o.shape()[1] + j] * svd.v[k][j];
      }
    }
    verdict.turned += !(along > 0);
  }
}

// MUONLAB_NASTY=20000 for that many matrices, a quarter of an hour.
TEST_CASE("nasty matrices end in the documented bands, and no direction turns round") {
  const char* asked = std::getenv("MUONLAB_NASTY");
  const Index count = asked == nullptr ? 72 : std::atol(asked);
  std::vector<double> tops;
  for (const Band& band : bands) {
    tops.push_back(top_of(optim::repeat_last(optim::steps_of(band.set), band.steps)));
  }
  Rng rng(1);
  Verdict verdict;
  for (Index number = 0; number < count; ++number) {
    const Kind& kind = kinds[static_cast<std::size_t>(number) % std::size(kinds)];
    const bool is_large = number % 25 == 24;  // so large that bfloat16 is not left for float32
    const Index m = is_large ? 64 + rng.below(17) : 1 + rng.below(13);
    const Index n = is_large ? 64 + rng.below(17) : 1 + rng.below(13);
    const Tensor g = kind.make(m, n, rng);
    const Svd of_g = svd(g);
    for (const Band& band : bands) {
      const double top = tops[static_cast<std::size_t>(&band - bands)];
      for (const Form form : {Form::plain, Form::symmetric, Form::gram}) {
        for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
          CAPTURE(kind.name);
          CAPTURE(g.shape());
          CAPTURE(number);
          CAPTURE(name_of(band.set));
          CAPTURE(name_of(form));
          CAPTURE(name_of(precision));
          const Verdict before = verdict;
          judge(g, of_g, band, top, form, precision, verdict);
          CHECK(verdict.outside == before.outside);
          CHECK(verdict.turned == before.turned);
        }
      }
    }
  }
  MESSAGE(count, " matrices, ", verdict.results, " results: ", verdict.outside, " outside, ",
          verdict.turned, " directions turned");
}

}  // namespace
}  // namespace muonlab::test
