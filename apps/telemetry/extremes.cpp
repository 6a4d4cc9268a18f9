#include "apps/telemetry/extremes.h"

#include <algorithm>

namespace muonlab::app {
namespace {

/// The numbers of a matrix that are drawn over the steps.
constexpr const char* numbers[] = {"/weight_norm",
                                   "/update_ratio",
                                   "/update/effective_rank",
                                   "/update/distance_from_orthogonality",
                                   "/momentum/effective_rank",
                                   "/gradient/effective_rank"};

Json without_values(Json matrix) {
  for (const char* kind : {"gradient", "momentum", "update"}) {
    if (matrix.contains(kind)) matrix[kind].erase("singular_values");
  }
  return matrix;
}

}  // namespace

void Extremes::add(const Json& line) {
  for (const Json& matrix : line["matrices"]) {
    for (const char* name : numbers) {
      const Json::json_pointer pointer(name);
      if (!matrix.contains(pointer) || !matrix[pointer].is_number()) continue;
      const auto value = matrix[pointer].get<double>();
      const auto place = [&] {
        return Place{value, {{"step", line["step"]}, {"matrix", without_values(matrix)}}};
      };
      const std::pair key(matrix["parameter"].get<std::string>(), std::string(name));
      const auto found = places_.find(key);
      if (found == places_.end()) {
        places_.emplace(key, std::pair(place(), place()));
        continue;
      }
      auto& [lowest, highest] = found->second;
      if (value < lowest.value) lowest = place();
      if (value > highest.value) highest = place();
    }
  }
}

Json Extremes::lines() const {
  std::map<Index, Json> matrices;  // by step
  for (const auto& [key, lowest_and_highest] : places_) {
    for (const Place* place : {&lowest_and_highest.first, &lowest_and_highest.second}) {
      Json& list = matrices[place->where["step"].get<Index>()];
      const Json& matrix = place->where["matrix"];
      if (std::ranges::find(list, matrix) == list.end()) list.push_back(matrix);
    }
  }
  Json all = Json::array();
  for (auto& [step, list] : matrices) {
    all.push_back({{"step", step}, {"matrices", std::move(list)}});
  }
  return all;
}

}  // namespace muonlab::app
