#include "muonlab/optim/polar_express.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/optim/orthogonalize.h"
#include "tests/family.h"
#include "tests/random.h"

namespace muonlab::test {
namespace {

using optim::Coefficients;

TEST_CASE("Polar Express's coefficients and results are its authors'") {
  const json golden = read_golden("polar_express");
  const auto published = [&golden](const char* composition) {
    std::vector<optim::NewtonSchulzStep> steps;
    for (const json& step : golden.at("compositions").at(composition).at("coefficients")) {
      steps.push_back({step.at(0), step.at(1), step.at(2)});
    }
    return steps;
  };
  const auto expected = published("l 1e-3, 5, safety 0.02, cushion 0.02");
  const auto ours = steps_of(Coefficients::polar_express);
  REQUIRE(ours.size() == expected.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CAPTURE(i);
    CHECK(ours[i].a == doctest::Approx(expected[i].a).epsilon(1e-6));
    CHECK(ours[i].b == doctest::Approx(expected[i].b).epsilon(1e-6));
    CHECK(ours[i].c == doctest::Approx(expected[i].c).epsilon(1e-6));
  }

  // Results of the first of their lists, with which they divide by 1.01 |g|.
  auto sequence = published("l 1e-3, 10, safety 0.01, cushion 0.02");
  sequence[0].a /= 1.01F;
  sequence[0].b /= static_cast<float>(std::pow(1.01, 3));
  sequence[0].c /= static_cast<float>(std::pow(1.01, 5));
  const Values gradients = make_problem().gradients[0];
  const json shapes = read_golden("muon").at("cases").at("jordan").at("parameters");
  for (const auto& item : golden.at("matrices").items()) {
    const std::string& name = item.key();
    const json& matrix = item.value();
    CAPTURE(name);
    const std::string parameter = name.substr(0, name.find(','));
    const Tensor g(Shape(shapes.at(parameter).get<std::vector<Index>>()), gradients.at(parameter));
    const Tensor o = optim::orthogonalize(g, {.steps = std::stoi(name.substr(name.find(' '))),
                                              .sequence = sequence,
                                              .precision = Precision::float32});
    const double error = relative_error(o, tensor_of(matrix.at("values"), o.shape()));
    CHECK(error < 8 * matrix.at("float32_spread").get<double>());
  }
}

TEST_CASE("Polar Express made to order has its authors' coefficients") {
  const json golden = read_golden("polar_express");
  for (const auto& item : golden.at("compositions").items()) {
    CAPTURE(item.key());
    const json& arguments = item.value().at("arguments");
    const auto steps = optim::polar_express({.lower = arguments.at("l"),
                                             .steps = arguments.at("num_iters"),
                                             .safety = arguments.value("safety_factor_eps", 0.0),
                                             .cushion = arguments.value("cushion", 0.0)});
    const json& expected = item.value().at("coefficients");
    REQUIRE(steps.size() == expected.size());
    double l = arguments.at("l");
    double u = 1;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      CAPTURE(i);
      // Where an interval is short, their solution of four equations is rounding, and where it is
      // shorter than 5e-6 they take its end for its middle.
      const double length = 1 - l / u;
      const double tolerance = 1e-9 + std::min(1e-15 / (length * length), 5 * length);
      CHECK(steps[i].a == doctest::Approx(expected[i][0].get<double>()).epsilon(tolerance));
      CHECK(steps[i].b == doctest::Approx(expected[i][1].get<double>()).epsilon(tolerance));
      CHECK(steps[i].c == doctest::Approx(expected[i][2].get<double>()).epsilon(tolerance));
      l = steps[i](l);
      u = 2 - l;
    }
  }
}

/// The least and the most that steps make of values in [low, high].
std::pair<double, double> band(const std::vector<optim::Quintic>& steps, double low, double high) {
  std::pair<double, double> band = {1, 1};
  constexpr int points = 20'000;
  for (int i = 0; i <= points; ++i) {
    double x = low * std::pow(high / low, static_cast<double>(i) / points);
    for (const optim::Quintic& p : steps) x = p(x);
    band = {std::min(band.first, x), std::max(band.second, x)};
  }
  return band;
}

TEST_CASE("Polar Express takes all of [lower, 1] into its band, with the overshoot it allows for") {
  for (const double lower : {1e-4, 1e-3, 1e-2, 0.3}) {
    for (const double cushion : {0.0, 0.02}) {
      CAPTURE(lower);
      CAPTURE(cushion);
      const auto steps =
          optim::polar_express({.lower = lower, .steps = 8, .safety = 0.02, .cushion = cushion});
      const double worst = 1 - band(steps, lower, 1).first;
      CHECK(worst < 0.2);
      CHECK(band(steps, lower, 1).second <= 1 + worst + 1e-9);
      // Rounding may lift a value above what a step is made for by the factor of safety.
      CHECK(band(steps, lower, 1.02).second <= 1 + worst + 1e-9);
    }
  }
  const auto [low, high] = band(optim::polar_express(), 1e-3, 1);
  CHECK(low == doctest::Approx(0.859).epsilon(1e-3));
  CHECK(high == doctest::Approx(1.141).epsilon(1e-3));
}

TEST_CASE("no quintic is nearer to 1 than the nearest") {
  const optim::Quintic best = optim::nearest_to_one(0.2, 1.1);
  const auto error = [](const optim::Quintic& p) {
    double worst = 0;
    for (int i = 0; i <= 9000; ++i) worst = std::max(worst, std::abs(1 - p(0.2 + i * 1e-4)));
    return worst;
  };
  const double least = error(best);
  for (const double change : {-1e-3, 1e-3}) {
    CHECK(error({best.a * (1 + change), best.b, best.c}) > least);
    CHECK(error({best.a, best.b * (1 + change), best.c}) > least);
    CHECK(error({best.a, best.b, best.c * (1 + change)}) > least);
  }
  const optim::Quintic point = optim::nearest_to_one(0.5, 0.5);
  CHECK(point(0.5) == doctest::Approx(1));
}

TEST_CASE("Polar Express refuses options that make no steps, and its steps are safe") {
  const auto error = [](const optim::PolarExpressOptions& options) -> std::string {
    try {
      polar_express(options);
    } catch (const Error& problem) {
      return problem.what();
    }
    return "";
  };
  CHECK(error({.lower = 0}) == "polar_express: lower must be within (0, 1], got 0");
  CHECK(error({.steps = 0}) == "polar_express: at least 1 step is needed, got 0");
  CHECK(error({.safety = -1}) == "polar_express: safety must be finite and not negative, got -1");
  CHECK(error({.cushion = 1}) == "polar_express: cushion must be within [0, 1), got 1");
  CHECK(error({.lower = 1, .steps = 1}).empty());
  check_safe(optim::polar_express_steps());
  const auto set = steps_of(Coefficients::polar_express);
  const auto made = optim::polar_express_steps();
  CHECK(made[0].a == doctest::Approx(set[0].a / 1.02).epsilon(1e-6));
  CHECK(made[4].c == doctest::Approx(set[4].c).epsilon(1e-6));
}

}  // namespace
}  // namespace muonlab::test
