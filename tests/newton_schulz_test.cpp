#include "muonlab/optim/newton_schulz.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/error.h"
#include "tests/spectra.h"

namespace muonlab::test {
namespace {

using optim::Coefficients;
using optim::NewtonSchulzStep;

TEST_CASE("the bands are those of the composed polynomial") {
  for (const Band& band : bands) {
    const auto steps = optim::repeat_last(optim::steps_of(band.set), band.steps);
    double low = 2, high = 0;
    for (int i = 0; i <= 100000; ++i) {
      const double s = composed(band.smallest + (1 - band.smallest) * i / 1e5, steps);
      low = std::min(low, s);
      high = std::max(high, s);
    }
    CAPTURE(name_of(band.set));
    CHECK(low == doctest::Approx(band.low).epsilon(0.0012));
    CHECK(high == doctest::Approx(band.high).epsilon(0.0012));
  }
}

TEST_CASE("every set has a band and a name by which it is found") {
  for (const Coefficients set : optim::all_coefficients()) {
    CHECK(std::ranges::count(bands, set, &Band::set) >= 1);
    CHECK(optim::coefficients_named(name_of(set)) == set);
  }
  CHECK_THROWS_WITH_AS(optim::coefficients_named("aol"),
                       "coefficients: there is no set \"aol\", only standard, quintic, you6, "
                       "polar_express, deepseek, cubic5, cubic, taylor",
                       Error);
}

TEST_CASE("a sequence repeats its last step") {
  const std::vector<NewtonSchulzStep> two = {{2, 0, 0}, {3, 0, 0}};
  CHECK(composed(1, optim::repeat_last(two, 1)) == 2);
  CHECK(composed(1, optim::repeat_last(two, 4)) == 54);
  CHECK_THROWS_WITH_AS(optim::repeat_last(two, 0),
                       "newton_schulz: at least 1 step is needed, got 0", Error);
  CHECK_THROWS_WITH_AS(optim::repeat_last({}, 1),
                       "newton_schulz: a sequence of steps is needed, got none", Error);
}

TEST_CASE("every set is safe for any number of steps") {
  for (const Coefficients set : optim::all_coefficients()) {
    for (int count = 1; count <= 20; ++count) {
      CAPTURE(name_of(set));
      CAPTURE(count);
      CHECK_NOTHROW(optim::check_safe(optim::repeat_last(optim::steps_of(set), count)));
    }
  }
}

TEST_CASE("steps that turn a gradient of rank 1 around are refused, by the singular value") {
  // Published for inputs of another norm; at s = 1 its first step alone gives -0.585.
  const std::vector<NewtonSchulzStep> aol = {{4.0098F, -7.0585F, 2.4635F},
                                             {3.4585F, -5.5479F, 2.5959F},
                                             {2.7573F, -3.2939F, 1.4254F},
                                             {2.7215F, -3.0494F, 1.3169F}};
  CHECK(composed(1, aol) < -0.99);
  CHECK_THROWS_WITH_AS(optim::check_safe(aol),
                       "newton_schulz: step 1 takes the singular value 1 to -0.609352 "
                       "when rounding lifts it by 0.5 %; all up to 1 must stay positive and end at "
                       "2 or less",
                       Error);

  // Negative in a narrow interval only.
  CHECK_THROWS_WITH_AS(optim::check_safe(std::vector<NewtonSchulzStep>{{1, -5, 6.2F}}),
                       doctest::Contains("step 1 takes the singular value 0.6"), Error);
  CHECK_THROWS_AS(optim::check_safe(std::vector<NewtonSchulzStep>{{0, 1, 0}}), Error);
}

TEST_CASE("steps that leave no room above 1 are refused") {
  CHECK_THROWS_WITH_AS(optim::check_safe(std::vector<NewtonSchulzStep>{{3, 0, 0}}),
                       "newton_schulz: step 1 takes the singular value 1 to 3.015 when "
                       "rounding lifts it by 0.5 %; all up to 1 must stay positive and end at 2 or "
                       "less",
                       Error);
  // Su's quintic maps 1.183 near its unstable fixed point 1.184: bfloat16 lifts it beyond.
  const NewtonSchulzStep su = {3.3748F, -4.6969F, 2.1433F};
  CHECK(composed(1, std::vector(20, su)) < 1.2);
  CHECK_THROWS_AS(optim::check_safe(std::vector(20, su)), Error);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH_AS(optim::check_safe(std::vector<NewtonSchulzStep>{{infinity, 0, 0}}),
                       "newton_schulz: step 1 has a coefficient that is not finite", Error);
}

}  // namespace
}  // namespace muonlab::test
