#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/keeping/arguments.h"
#include "apps/keeping/checkpoints.h"
#include "apps/training/contender.h"
#include "apps/training/experiment.h"
#include "apps/training/run.h"
#include "apps/training/training.h"

namespace muonlab::app {

/// The runs of the checkpoint that is resumed, the last of which may have epochs to go; none for a
/// new comparison. Throws when they are not those of `arguments`.
std::vector<Run> resumed_runs(const Arguments& arguments);

/// Puts the training of the last of those runs, which is new, where it was. Throws when it cannot
/// have been there.
void restore(Training& training, const Run& run, const Checkpoint& checkpoint);

/// Keeps a comparison where --checkpoint or --resume say; without them, nowhere.
class Keeper {
 public:
  /// Throws when the folder cannot be used, or when the checkpoint that is resumed was made with
  /// other data, another protocol or other rules under the same names.
  Keeper(const Arguments& arguments, const std::string& app, const Experiment& experiment);

  /// Saves the runs, the last of which is at `training`. A failure is only reported, on stderr.
  void save(const std::vector<Run>& runs, const Training& training);

  /// Says on stderr what is kept of a comparison that was interrupted, and how to go on. `results`
  /// says what is kept of it beside checkpoints; empty: nothing.
  void say_interrupted(const std::string& results) const;

  bool is_on() const { return checkpoints_.has_value(); }

  /// What is wrong when the last save() did not do it; else empty.
  std::string problem() const;

 private:
  void write(const std::vector<Run>& runs, const Training& training);

  std::string program_;
  Json head_;  // what does not change from checkpoint to checkpoint
  std::optional<Checkpoints> checkpoints_;
  bool tried_ = false;  // to save, once at least
  bool saved_ = false;  // the last time
};

}  // namespace muonlab::app
