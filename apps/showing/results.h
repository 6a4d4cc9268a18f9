#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/keeping/arguments.h"
#include "apps/keeping/record.h"
#include "apps/telemetry/spectra.h"
#include "apps/training/experiment.h"

namespace muonlab::app {

/// The folder that --out names, with the files that keep a comparison:
///
///     results.json  {"app", "id", "version", "protocol", "data", "recipe", "watching", "device",
///                   "threads", "processor", "gpu", "products", "batch_size", "parameters":
///                   [{"parameter", "shape", "role", "rules"}], "runs": [{"optimizer", "seed",
///                   "lr", "parameters", "state_bytes", "epochs": [{"epoch", "loss",
///                   "test_loss", "test_accuracy", "train_seconds"}], "curve"}]}; a run that
///                   ended early also has "stopped", a run that was measured "profile": {"steps",
///                   "parts": [{"part", "depth", "ms"}], "bytes"}; run_json.h says what is in a
///                   curve
///     metrics.csv   a row per epoch of every run
///     report.html   a page that shows all of it, and what telemetry.jsonl has
///
/// The recipe is the command line, defaults included; --profile and --telemetry are in "watching".
/// The loss of an epoch is the mean of its batch losses, the test loss the mean over the test
/// images after it. Accuracy is a fraction; seconds are those of the epoch's training alone.
class Results {
 public:
  /// `app` is the app's name. Without --out nothing is ever written. Throws when the folder has a
  /// sweep.
  Results(const std::string& app, const Experiment& experiment, const Arguments& arguments);

  /// Writes the files anew, each whole or not at all. Throws when that fails.
  void write(const std::vector<Run>& runs, const Spectra& spectra) const;

  /// As write(), but a failure is only reported, on stderr.
  void save(const std::vector<Run>& runs, const Spectra& spectra);

  /// Whether the last save() succeeded; true before the first.
  bool are_saved() const { return are_saved_; }

  /// Says, for an interrupted comparison, which of its epochs are in the folder; empty when no
  /// epoch has ended, or there is no folder.
  std::string kept(const std::vector<Run>& runs) const;

 private:
  std::filesystem::path folder_;
  Record record_;  // without runs
  bool are_saved_ = true;
};

}  // namespace muonlab::app
