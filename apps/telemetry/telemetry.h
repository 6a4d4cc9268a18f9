#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/keeping/arguments.h"
#include "apps/telemetry/spectra.h"
#include "apps/telemetry/telemetry_file.h"
#include "apps/training/training.h"
#include "muonlab/core/files.h"

namespace muonlab::app {

/// Does what --telemetry N asks for: observes every matrix of a run in steps 1, N, 2N, 3N, ..., and
/// adds a line for each step to DIR/telemetry.jsonl (telemetry_file.h describes it). Observing only
/// reads, so training has the same bits with and without it. Without N nothing is observed, but
/// what was observed before is kept.
class Telemetry {
 public:
  /// How far a run has come.
  struct Reached {
    std::string optimizer;
    std::uint64_t seed;
    Index step;
  };

  /// For a comparison whose runs have come as far as `reached` says; that is empty when it is new.
  /// From the file that is there it removes the lines of other comparisons, of other runs, and of
  /// later steps, which will be observed again. Throws when the file cannot be read or rewritten.
  Telemetry(const Arguments& arguments, const std::vector<Reached>& reached);

  /// Call this before step `next`: copies the weights when that step is to be observed.
  void before(const Training& training, Index next);

  /// Call this after step `done` of `run`; it calls before() for the next one. Observes the step if
  /// it is due, unless an element of a gradient, a momentum or an update is not finite, or singular
  /// values cannot be found. When the line cannot be written, a warning goes to stderr, and no more
  /// steps are observed.
  void after(const Run& run, const Training& training, Index done);

  /// A line with the time that observing took since the last call; none when no step was observed.
  std::vector<std::string> cost_lines();

  const Spectra& spectra() const { return spectra_; }

  /// Whether every observation could be written.
  bool is_whole() const { return is_whole_; }

 private:
  bool is_due(Index step) const;
  void keep(const Recipe& recipe, const std::vector<Reached>& reached);
  void observe_step(const Run& run, const Training& training, Index step);
  void add(const Observation& observation);

  std::filesystem::path path_;
  Index every_;                               // 0: never
  std::optional<files::Appender> file_ = {};  // open while steps are observed
  bool is_whole_ = true;
  Spectra spectra_ = {};
  std::vector<Tensor> weights_ = {};  // before the next step, when it is to be observed
  Index steps_ = 0;                   // observed since cost_lines() was called
  double seconds_ = 0;                // that before() and after() took since then
};

}  // namespace muonlab::app
