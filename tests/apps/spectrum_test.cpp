// What singular values say, against NumPy and against definitions.
#include "apps/telemetry/spectrum.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "apps/telemetry/observation.h"
#include "apps/telemetry/observation_json.h"
#include "apps/telemetry/spectra.h"
#include "muonlab/core/linalg.h"
#include "muonlab/nn/linear.h"
#include "muonlab/optim/muon.h"
#include "tests/spectra.h"

namespace muonlab::test {
namespace {

using app::distance_from_orthogonality;
using app::effective_rank;
using app::frobenius_norm;
using app::Observation;
using Values = std::vector<double>;

/// What tests/goldens/spectra.py wrote.
nlohmann::json goldens() {
  std::ifstream file(MUONLAB_SOURCE_DIR "/tests/goldens/spectra.json");
  return nlohmann::json::parse(file);
}

TEST_CASE("singular values and what follows from them are NumPy's") {
  const nlohmann::json cases = goldens();
  REQUIRE(cases.size() == 5);
  for (const auto& golden : cases) {
    const auto shape = golden["shape"].get<std::vector<Index>>();
    const auto elements = golden["matrix"].get<std::vector<float>>();
    const auto expected = golden["singular_values"].get<Values>();
    const Tensor matrix({shape[0], shape[1]}, std::span<const float>(elements));
    const Values values = linalg::gram_singular_values(matrix);
    CAPTURE(matrix.shape());
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(std::abs(values[i] - expected[i]) <= 3e-8 * expected[0]);
      if (expected[i] > 1e-4 * expected[0]) {
        CHECK(values[i] == doctest::Approx(expected[i]).epsilon(1e-8));
      }
    }
    CHECK(effective_rank(values) ==
          doctest::Approx(golden["effective_rank"].get<double>()).epsilon(1e-6));
    CHECK(distance_from_orthogonality(values).value() ==
          doctest::Approx(golden["distance_from_orthogonality"].get<double>()).epsilon(1e-6));
    CHECK(frobenius_norm(values) == doctest::Approx(golden["norm"].get<double>()).epsilon(1e-9));
  }
}

TEST_CASE("the distance from orthogonality is that from the nearest multiple of the polar factor") {
  Rng rng(3);
  for (const Shape& shape : {Shape{6, 9}, Shape{12, 5}}) {
    const Tensor a = random_normal(shape, rng);
    const Tensor q = linalg::polar_factor(a);
    const auto rank = static_cast<double>(std::min(shape[0], shape[1]));
    const auto distance_at = [&](double s) {
      double squares = 0;
      for (Index i = 0; i < a.count(); ++i) {
        squares += std::pow(a.data()[i] - s * q.data()[i], 2);
      }
      return std::sqrt(squares / rank) / s;
    };
    const Values values = linalg::singular_values(a);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / rank;
    const double distance = distance_from_orthogonality(values).value();
    CHECK(distance == doctest::Approx(distance_at(mean)).epsilon(1e-5));
    // No other factor brings the multiple nearer to A.
    CHECK(distance_at(mean) * mean < distance_at(0.99 * mean) * 0.99 * mean);
    CHECK(distance_at(mean) * mean < distance_at(1.01 * mean) * 1.01 * mean);
  }
}

TEST_CASE("equal singular values use all directions, a single one uses one") {
  const Values equal(7, 0.25);
  CHECK(effective_rank(equal) == doctest::Approx(7));
  CHECK(distance_from_orthogonality(equal).value() == 0);
  const Values one = {3, 0, 0, 0};
  CHECK(effective_rank(one) == 1);
  CHECK(distance_from_orthogonality(one).value() == doctest::Approx(std::sqrt(3.0)));
  CHECK(frobenius_norm(one) == 3);
  const Values zeros(4, 0);
  CHECK(effective_rank(zeros) == 0);
  CHECK(!distance_from_orthogonality(zeros).has_value());
  CHECK(!distance_from_orthogonality({}).has_value());
}

TEST_CASE("small singular values are found beside large ones") {
  Rng rng(5);
  const Values expected = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5};
  const Tensor a = with_singular_values(40, 90, expected, rng);
  const Values values = linalg::gram_singular_values(a);
  const Values exact = linalg::singular_values(a);
  REQUIRE(values.size() == 40);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(values[i] == doctest::Approx(exact[i]).epsilon(1e-6));
    CHECK(values[i] == doctest::Approx(expected[i]).epsilon(0.01));
  }
  CHECK(values[6] < 1e-7);  // which is rounding of the elements
  CHECK_THROWS_WITH_AS(
      linalg::gram_singular_values(Tensor({1, 2}, {1, std::numeric_limits<float>::infinity()})),
      "gram_singular_values: an element of a matrix (1, 2) is not finite", Error);
}

/// A layer 3 to 2 with a gradient, the optimizer, and the weights before its step.
struct Layer {
  Layer() {
    parameters[0].variable.set_grad(Tensor({2, 3}, {1, 0, 0, 0, 2, 0}));
    parameters[1].variable.set_grad(Tensor({2}, {1, 1}));
  }
  Rng rng{0};
  nn::Linear linear{3, 2, rng};
  nn::Parameters parameters = linear.parameters();
  optim::Muon muon{{parameters[0]}, {.lr = 0.5F, .precision = Precision::float32}};
  std::vector<Tensor> before = app::copies_of_matrices(parameters);
};

TEST_CASE("a step is observed: gradient, momentum and update of each matrix") {
  Layer layer;
  layer.muon.step();
  const auto matrices = app::observe(layer.parameters, layer.before, layer.muon.state()).value();
  REQUIRE(matrices.size() == 1);  // the bias is none
  const app::ObservedMatrix& matrix = matrices[0];
  CHECK(matrix.parameter == "weight");
  CHECK(matrix.rows == 2);
  CHECK(matrix.columns == 3);
  CHECK(matrix.gradient == Values{2, 1});
  CHECK(matrix.momentum[0] == doctest::Approx(0.1));  // 0.05 of the gradient
  CHECK(matrix.momentum[1] == doctest::Approx(0.05));
  for (const double value : matrix.update) {  // 0.5 times what Newton-Schulz makes of 1
    CHECK(value > 0.5 * 0.68);
    CHECK(value < 0.5 * 1.14);
  }
  CHECK(matrix.update_ratio().value() ==
        doctest::Approx(frobenius_norm(matrix.update) / matrix.weight_norm));
}

TEST_CASE("what is zero is observed without NaN, what is not finite is not observed") {
  Layer layer;
  layer.parameters[0].variable.set_grad(Tensor({2, 3}, {0, 0, 0, 0, 0, 0}));
  layer.before[0] = layer.parameters[0].variable.value().clone();
  auto matrices = app::observe(layer.parameters, layer.before, {}).value();
  CHECK(matrices[0].update == Values{0, 0});
  CHECK(matrices[0].momentum.empty());
  matrices[0].weight_norm = 0;
  const Observation observation = {
      .optimizer = "x", .seed = 0, .step = 1, .seconds = 0, .matrices = matrices};
  const app::Json json = to_json(observation, 64, 4);
  CHECK(json["matrices"][0]["update_ratio"].is_null());
  CHECK(json["matrices"][0]["update"].dump() ==
        "{\"effective_rank\":0.0,\"distance_from_orthogonality\":null,"
        "\"singular_values\":[0.0,0.0]}");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  layer.parameters[0].variable.set_grad(Tensor({2, 3}, {0, 0, nan, 0, 0, 0}));
  CHECK(!app::observe(layer.parameters, layer.before, {}).has_value());
}

Observation observation_at(Index step) {
  Values values;
  for (int i = 0; i < 300; ++i) values.push_back(300 - i);
  return {.optimizer = "x",
          .seed = 7,
          .step = step,
          .seconds = 0.5,
          .matrices = {{.parameter = "w",
                        .rows = 300,
                        .columns = 400,
                        .weight_norm = 2,
                        .gradient = values,
                        .momentum = {},
                        .update = values}}};
}

TEST_CASE("of many steps and values some are kept, the first and the last among them") {
  app::Spectra spectra;
  CHECK(spectra.empty());
  for (Index step = 1; step <= 5000; ++step) {
    spectra.add(observation_at(step));
    if (step != 1 && step != 60 && step != 61 && step != 119 && step != 120 && step != 5000) {
      continue;
    }
    const app::Json run = spectra.json()[0];
    const auto& lines = run["lines"];
    CHECK(run["observed"] == step);
    CHECK(lines.size() <= 60);
    CHECK(std::cmp_greater_equal(lines.size(), std::min<Index>(step, 30)));
    CHECK(lines.front()["step"] == 1);
    CHECK(lines.back()["step"] == step);
    for (std::size_t i = 1; i < lines.size(); ++i) {
      CHECK(lines[i - 1]["step"].get<Index>() < lines[i]["step"].get<Index>());
    }
    const auto values = lines.back()["matrices"][0]["update"]["singular_values"].get<Values>();
    CHECK(values.size() == 64);
    CHECK(values.front() == 300);
    CHECK(values.back() == 1);
  }
  Observation outlier = observation_at(5001);
  outlier.matrices[0].weight_norm = 9;
  spectra.add(outlier);
  spectra.add(observation_at(5002));
  const app::Json run = spectra.json()[0];
  for (const auto& line : run["lines"]) CHECK(line["step"] != 5001);
  CHECK(run["extremes"]["w"]["weight_norm"].dump() == "[[1,2.0],[5001,9.0]]");
}

TEST_CASE("runs that are observed in the same steps have steps in common, however long they are") {
  app::Spectra spectra;
  for (Index step = 1; step <= 1000; ++step) {
    for (const Index length : {45, 333, 999, 1000}) {
      if (step > length) continue;
      Observation observation = observation_at(step);
      observation.seed = static_cast<std::uint64_t>(length);
      spectra.add(observation);
    }
  }
  const app::Json runs = spectra.json();
  std::set<Index> longest;
  for (const auto& line : runs[3]["lines"]) longest.insert(line["step"].get<Index>());
  for (const auto& run : runs) {
    const Index length = run["observed"];
    CAPTURE(length);
    std::set<Index> steps;
    for (const auto& line : run["lines"]) steps.insert(line["step"].get<Index>());
    CHECK(steps.contains(length));
    for (const Index step : longest) {
      if (step < length) CHECK(steps.contains(step));
    }
  }
}

TEST_CASE("the spectra of a page take some 2 MB, of however many runs and comparisons") {
  Rng rng(1);
  Values values(64);
  app::Spectra spectra;
  for (Index step = 1; step <= 70; ++step) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      Observation observation = observation_at(step);
      observation.seed = seed;
      app::ObservedMatrix& matrix = observation.matrices[0];
      for (double& value : values) value = rng.uniform();
      std::ranges::sort(values, std::greater());
      matrix.gradient = matrix.momentum = matrix.update = values;
      matrix.weight_norm = values[3];
      spectra.add(observation);
    }
  }
  const auto steps = [&](std::size_t comparisons) {
    return spectra.json(comparisons)[0]["lines"].size();
  };
  CHECK(steps(1) > steps(4));
  CHECK(steps(1000) == 2);
  CHECK(spectra.json(1).dump().size() < 2'200'000);
  CHECK(4 * spectra.json(4).dump().size() < 2'200'000);
}

}  // namespace
}  // namespace muonlab::test
