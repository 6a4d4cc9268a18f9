#include "apps/telemetry/observation_json.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "apps/page/page.h"
#include "apps/telemetry/spectrum.h"

namespace muonlab::app {
namespace {

constexpr double largest = 1e60;  // far beyond matrices of float32, and its square is finite
constexpr std::size_t max_matrices = 1000;

Json to_json(const std::optional<double>& value, int digits) {
  return value ? Json(rounded(*value, digits)) : Json();
}

Json to_json(const std::vector<double>& values, Index most_values, int digits) {
  const Index all = std::ssize(values);
  const Index count = std::min(all, most_values);
  Json some = Json::array();
  for (Index i = 0; i < count; ++i) {
    const Index k = count == all ? i : (2 * i * (all - 1) + count - 1) / (2 * (count - 1));
    some.push_back(rounded(values[static_cast<std::size_t>(k)], digits));
  }
  return {{"effective_rank", rounded(effective_rank(values), digits)},
          {"distance_from_orthogonality", to_json(distance_from_orthogonality(values), digits)},
          {"singular_values", std::move(some)}};
}

std::vector<double> to_values(const Fields& fields, Index count) {
  const Fields list = fields.at("singular_values");
  list.check_is(std::cmp_equal(list.size(), count), fmt::format("{} numbers", count));
  std::vector<double> values;
  list.each([&values](const Fields& value) {
    values.push_back(value.number(0, values.empty() ? largest : values.back()));
  });
  return values;
}

ObservedMatrix to_matrix(const Fields& fields) {
  const Fields shape = fields.at("shape");
  shape.check_is(shape.size() == 2, "rows and columns");
  const Index rows = shape.item(0).whole(1);
  const Index columns = shape.item(1).whole(1);
  const Index count = std::min(rows, columns);
  const auto values = [&fields, count](const char* name) {
    return to_values(fields.at(name), count);
  };
  return {.parameter = fields.at("parameter").text(),
          .rows = rows,
          .columns = columns,
          .weight_norm = fields.at("weight_norm").number(0, largest),
          .gradient = values("gradient"),
          .momentum = fields.has("momentum") ? values("momentum") : std::vector<double>(),
          .update = values("update")};
}

}  // namespace

Json to_json(const Observation& observation, Index most_values, int digits) {
  Json matrices = Json::array();
  for (const ObservedMatrix& matrix : observation.matrices) {
    Json json = {{"parameter", matrix.parameter},
                 {"shape", {matrix.rows, matrix.columns}},
                 {"weight_norm", rounded(matrix.weight_norm, digits)},
                 {"update_ratio", to_json(matrix.update_ratio(), digits)},
                 {"gradient", to_json(matrix.gradient, most_values, digits)}};
    if (!matrix.momentum.empty()) {
      json["momentum"] = to_json(matrix.momentum, most_values, digits);
    }
    json["update"] = to_json(matrix.update, most_values, digits);
    matrices.push_back(std::move(json));
  }
  return {{"optimizer", observation.optimizer},
          {"seed", observation.seed},
          {"step", observation.step},
          {"seconds", rounded(observation.seconds, 3)},
          {"matrices", std::move(matrices)}};
}

Observation to_observation(const Fields& fields) {
  Observation observation = {.optimizer = fields.at("optimizer").text(),
                             .seed = fields.at("seed").bits(),
                             .step = fields.at("step").whole(1),
                             .seconds = fields.at("seconds").number(0)};
  const Fields matrices = fields.at("matrices");
  matrices.check_is(matrices.size() <= max_matrices,
                    fmt::format("at most {} matrices", max_matrices));
  std::set<std::string> names;
  matrices.each([&](const Fields& matrix) {
    observation.matrices.push_back(to_matrix(matrix));
    matrix.at("parameter")
        .check_is(names.insert(observation.matrices.back().parameter).second,
                  "each parameter once");
  });
  return observation;
}

}  // namespace muonlab::app
