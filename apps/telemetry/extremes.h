#pragma once

#include <map>
#include <string>
#include <utility>

#include "apps/kit/fields.h"

namespace muonlab::app {

/// Where the numbers of a run's matrices were lowest and highest, of all its observations: norms,
/// ratios, effective ranks and distances.
class Extremes {
 public:
  /// An observation as observation_json.h describes it.
  void add(const Json& line);

  /// {parameter: {number: [[step, value], [step, value]]}}: the first place of the lowest and that
  /// of the highest. A number is named by its path in a matrix, "update/effective_rank".
  Json json() const;

  /// How many of them there are.
  std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    Index step;
    double value;
  };

  /// The lowest and the highest, by the matrix and which number of it.
  std::map<std::pair<std::string, std::string>, std::pair<Place, Place>> places_;
};

}  // namespace muonlab::app
