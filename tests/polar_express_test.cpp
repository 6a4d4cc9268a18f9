#include <cmath>
#include <string>
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

}  // namespace
}  // namespace muonlab::test
