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

/// The runs of the checkpoint that is resumed, the last of which may be unfinished; none for a new
/// comparison. Throws when they are not the runs that `arguments` ask for.
std::vector<Run> resumed_runs(const Arguments& arguments);

/// Restores `training`, which is new, to where the checkpoint has it; `run` is the last of the
/// checkpoint's runs. Throws when the checkpoint does not fit the training.
void restore(Training& training, const Run& run, const Checkpoint& checkpoint);

/// Writes the checkpoints of a comparison where --checkpoint or --resume say; without them, none.
class Keeper {
 public:
  /// Throws when the folder cannot be used, or when the checkpoint that is resumed was made with
  /// other data, another protocol or other rules under the same names.
  Keeper(const Arguments& arguments, const std::string& app, const Experiment& experiment);

  /// Writes a checkpoint of the runs, the last of which is at `training`. A failure is only
  /// reported, on stderr.
  void save(const std::vector<Run>& runs, const Training& training);

  /// Says on stderr what is kept of an interrupted comparison, and how to resume it. `results` says
  /// what is kept beside checkpoints; empty: nothing.
  void say_interrupted(const std::string& results) const;

  bool is_on() const { return checkpoints_.has_value(); }

  /// The error message when the last save() failed; else empty.
  std::string problem() const;

 private:
  void write(const std::vector<Run>& runs, const Training& training);

  std::string program_;
  Json head_;  // the fields that are the same in every checkpoint
  std::optional<Checkpoints> checkpoints_;
  bool tried_ = false;  // whether save() was called
  bool saved_ = false;  // whether the last save() succeeded
};

}  // namespace muonlab::app
