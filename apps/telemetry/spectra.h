#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/comparison/fields.h"
#include "apps/telemetry/extremes.h"
#include "apps/telemetry/observation.h"

namespace muonlab::app {

/// What a page shows of the observations of a comparison's runs, however many they are: of each
/// spectrum 64 values, of each run some 60 steps at equal distances, the first and the last among
/// them, and of its numbers also the lowest and the highest of all steps. What is kept depends on
/// the observations alone, so that it is the same whether they come from training or from a file.
class Spectra {
 public:
  /// Those of a run come in order.
  void add(const Observation& observation);

  bool empty() const { return runs_.empty(); }

  /// A list of {"optimizer", "seed", "observed", "lines", "extremes"}: how many steps of a run were
  /// observed, those kept, as observation_json.h describes them, and those of extremes.h. When
  /// there are many runs it has fewer steps of each, so that it is no longer than some 3 MB.
  Json json() const;

 private:
  struct Run {
    std::string optimizer;
    std::uint64_t seed;
    Index observed = 0;
    Index stride = 1;  // of so many observations the first is kept
    Json last = {};    // the last one, when it is not among those kept
    std::vector<Json> kept = {};
    Extremes extremes = {};
  };

  Run& run_of(const Observation& observation);

  std::vector<Run> runs_;
};

}  // namespace muonlab::app
