#pragma once

#include <map>
#include <string>
#include <utility>

#include "apps/comparison/fields.h"

namespace muonlab::app {

/// Where the numbers of a run's matrices were lowest and highest, of all its observations: norms,
/// ratios, effective ranks and distances.
class Extremes {
 public:
  /// An observation as observation_json.h describes it.
  void add(const Json& line);

  /// The steps of extremes, in order, as such lines: each of the matrices that it is one of,
  /// without singular values.
  Json lines() const;

 private:
  /// A number, and {"step", "matrix"}, where it was.
  struct Place {
    double value;
    Json where;
  };

  /// The lowest and the highest, by the matrix and which number of it.
  std::map<std::pair<std::string, std::string>, std::pair<Place, Place>> places_;
};

}  // namespace muonlab::app
