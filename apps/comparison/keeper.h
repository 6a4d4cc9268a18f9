#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/comparison/arguments.h"
#include "apps/comparison/checkpoints.h"
#include "apps/comparison/comparison.h"
#include "apps/comparison/experiment.h"
#include "apps/comparison/training.h"

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

  /// Says on stderr what is kept of a comparison that was interrupted, and how to go on.
  void say_interrupted() const;

  bool is_on() const { return checkpoints_.has_value(); }

 private:
  std::string program_;
  std::string out_;  // where results are written; empty: nowhere
  Json head_;        // what does not change from checkpoint to checkpoint
  std::optional<Checkpoints> checkpoints_;
  bool saved_ = false;  // the last time that save() was called
};

}  // namespace muonlab::app
