#include "apps/telemetry/extremes.h"

namespace muonlab::app {
namespace {

/// The numbers of a matrix that pages draw over the steps, by their paths.
constexpr const char* numbers[] = {"weight_norm",
                                   "update_ratio",
                                   "update/effective_rank",
                                   "update/distance_from_orthogonality",
                                   "momentum/effective_rank",
                                   "gradient/effective_rank"};

}  // namespace

void Extremes::add(const Json& line) {
  for (const Json& matrix : line["matrices"]) {
    for (const std::string name : numbers) {
      const Json::json_pointer pointer('/' + name);
      if (!matrix.contains(pointer) || !matrix[pointer].is_number()) continue;
      const Place place = {line["step"].get<Index>(), matrix[pointer].get<double>()};
      const std::pair key(matrix["parameter"].get<std::string>(), name);
      auto& [lowest, highest] = places_.try_emplace(key, place, place).first->second;
      if (place.value < lowest.value) lowest = place;
      if (place.value > highest.value) highest = place;
    }
  }
}

Json Extremes::json() const {
  Json all = Json::object();
  for (const auto& [key, lowest_and_highest] : places_) {
    const auto& [lowest, highest] = lowest_and_highest;
    all[key.first][key.second] = {{lowest.step, lowest.value}, {highest.step, highest.value}};
  }
  return all;
}

}  // namespace muonlab::app
