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

/// What --telemetry N asks for: looks at every matrix of a run in step 1, N, 2N, 3N, ..., and adds
/// a line to DIR/telemetry.jsonl (telemetry_file.h says what is in it). It only reads: training
/// has the same bits with it. Without N it observes nothing, but keeps what was observed before.
class Telemetry {
 public:
  /// How far a run has come.
  struct Reached {
    std::string optimizer;
    std::uint64_t seed;
    Index step;
  };

  /// For a comparison that has come so far, which is not at all when it is new: lines of other
  /// comparisons and runs, and of later steps, which will be written again, are removed. Throws
  /// when what is there cannot be read, or not be written anew.
  Telemetry(const Arguments& arguments, const std::vector<Reached>& reached);

  /// Between two steps, of which `next` follows: keeps the weights when that is to be observed.
  void before(const Training& training, Index next);

  /// After step `done` of `run`, as before() the next one. Observes it unless an element of a
  /// gradient, a momentum or a weight is not finite, or no singular values are found. When the line
  /// cannot be written, that is said on stderr, and no more steps are observed.
  void after(const Run& run, const Training& training, Index done);

  /// A line that says what observing took since this was last called; none when nothing was.
  std::vector<std::string> cost_lines();

  const Spectra& spectra() const { return spectra_; }

  /// Whether all that was observed is written.
  bool is_whole() const { return is_whole_; }

 private:
  bool is_due(Index step) const;
  void keep(const Recipe& recipe, const std::vector<Reached>& reached);
  void observe_step(const Run& run, const Training& training, Index step);
  void add(const Observation& observation);

  std::filesystem::path path_;
  Index every_;                               // 0: never
  std::optional<files::Appender> file_ = {};  // when there is something to observe
  bool is_whole_ = true;
  Spectra spectra_ = {};
  std::vector<Tensor> weights_ = {};  // before a step that is to be observed, else none
  Index steps_ = 0;                   // observed since cost_lines() was called
  double seconds_ = 0;                // that before() and after() took
};

}  // namespace muonlab::app
