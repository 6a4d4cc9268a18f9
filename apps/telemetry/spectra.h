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

/// What a page shows of the observations of a comparison's runs, however many they are: of each
/// spectrum 64 values, of each run 60 steps at most, and of its numbers also the lowest and the
/// highest of all steps. The steps are every first, second, fourth, eighth, ... that was observed,
/// so that runs observed in the same steps have steps in common however long each is, and the last.
/// What is kept depends on the observations alone, so that it is the same whether they come from
/// training or from a file.
class Spectra {
 public:
  /// Those of a run come in order.
  void add(const Observation& observation);

  bool empty() const { return runs_.empty(); }

  /// A list of {"optimizer", "seed", "observed", "lines", "extremes"}: how many steps of a run were
  /// observed, those kept, as observation_json.h describes them, and what extremes.h does. When
  /// there are many runs it has fewer steps of each, two at least, so that those of all
  /// `comparisons` of a page take some 2 MB.
  Json json(std::size_t comparisons = 1) const;

 private:
  struct Run {
    std::string optimizer;
    std::uint64_t seed;
    Index observed = 0;
    Index stride = 1;  // of so many observations the first is kept
    Json last = {};    // the last one, kept or not
    std::vector<Json> kept = {};
    Extremes extremes = {};
  };

  Run& run_of(const Observation& observation);

  std::vector<Run> runs_;
  std::map<RunName, std::size_t> numbers_;  // of those runs
};

}  // namespace muonlab::app
