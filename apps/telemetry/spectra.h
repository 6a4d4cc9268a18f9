#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "apps/kit/fields.h"
#include "apps/telemetry/extremes.h"
#include "apps/telemetry/observation.h"

namespace muonlab::app {

/// What a page shows of the observations of a comparison's runs, however many there are: at most 64
/// values of each spectrum and 60 steps of each run, and of each number also the lowest and the
/// highest over all steps. The steps of a run are all that were observed, or every second, fourth,
/// eighth, ... of them, and the last, so that runs observed in the same steps have steps in common,
/// however long each is. What is kept depends on the observations alone: it is the same whether
/// they come from training or from a file.
class Spectra {
 public:
  /// Adds an observation. Those of one run must come in the order of their steps.
  void add(const Observation& observation);

  bool empty() const { return runs_.empty(); }

  /// A list with {"optimizer", "seed", "observed", "lines", "extremes"} for each run: "observed" is
  /// how many steps were observed, "lines" are the steps kept, as observation_json.h describes
  /// them, "extremes" is as in extremes.h. With many runs there are fewer steps of each, at least
  /// two, so that all `comparisons` of a page take about 2 MB.
  Json json(std::size_t comparisons = 1) const;

 private:
  struct Run {
    std::string optimizer;
    std::uint64_t seed;
    Index observed = 0;
    Index stride = 1;  // of every so many observations the first is kept
    Json last = {};    // the last one, kept or not
    std::vector<Json> kept = {};
    Extremes extremes = {};
  };

  Run& run_of(const Observation& observation);

  std::vector<Run> runs_;
  std::map<RunName, std::size_t> numbers_;  // index of each in runs_
};

}  // namespace muonlab::app
