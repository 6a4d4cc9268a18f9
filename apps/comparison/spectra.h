#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/comparison/fields.h"
#include "apps/comparison/observation.h"

namespace muonlab::app {

/// What a page shows of the observations of a comparison's runs, however many they are: of each
/// spectrum 64 values, of each run some 60 steps at equal distances, the first and the last among
/// them. What is kept depends on the observations alone, so that it is the same whether they come
/// from training or from a file.
class Spectra {
 public:
  /// Those of a run come in order.
  void add(const Observation& observation);

  /// The last step observed of a run; 0 when there is none.
  Index last_step(const std::string& optimizer, std::uint64_t seed) const;

  bool empty() const { return runs_.empty(); }

  /// A list of {"optimizer", "seed", "observed", "lines"}: how many steps of a run were observed,
  /// and those kept, as observation_json.h describes them. When there are many runs it has fewer
  /// steps of each, so that it is no longer than some 2.5 MB.
  Json json() const;

 private:
  struct Run {
    std::string optimizer;
    std::uint64_t seed;
    Index observed = 0;
    Index stride = 1;  // of so many observations the first is kept
    Index last_step = 0;
    Json last = {};  // the last one, when it is not among those kept
    std::vector<Json> kept = {};
  };

  const Run* find(const std::string& optimizer, std::uint64_t seed) const;

  std::vector<Run> runs_;
};

}  // namespace muonlab::app
