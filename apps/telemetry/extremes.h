#pragma once

#include <map>
#include <string>
#include <utility>

#include "apps/kit/fields.h"

namespace muonlab::app {

/// The lowest and the highest value of each number of a run's matrices, over all observations, with
/// their steps. The numbers are norms, ratios, effective ranks and distances.
class Extremes {
 public:
  /// Adds an observation, as observation_json.h describes it.
  void add(const Json& line);

  /// {parameter: {number: [[step, value], [step, value]]}}: the lowest and the highest value, each
  /// at the first step that has it. A number is named by its path in a matrix,
  /// "update/effective_rank".
  Json json() const;

  /// The count of numbers, over all matrices.
  std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    Index step;
    double value;
  };

  /// The lowest and the highest, by parameter and number.
  std::map<std::pair<std::string, std::string>, std::pair<Place, Place>> places_;
};

}  // namespace muonlab::app
