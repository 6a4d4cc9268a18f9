#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/comparison/arguments.h"
#include "apps/comparison/comparison.h"

namespace muonlab::app {

/// The folder that --out names, with the two files that keep a comparison:
///
///     results.json  {"protocol", "data", "recipe", "device", "threads", "batch_size", "runs":
///                   [{"optimizer", "seed", "lr", "parameters", "state_bytes", "epochs": [{"epoch",
///                   "loss", "test_accuracy", "train_seconds"}]}]}; a run that ended early also has
///                   "stopped", one that was measured "profile": {"steps", "parts": [{"part",
///                   "depth", "ms"}], "bytes"}
///     metrics.csv   a row per epoch of every run
///
/// The recipe is the command line, defaults included. Accuracy is a fraction; seconds are those of
/// the epoch's training alone.
class Results {
 public:
  /// With no name of a folder, nothing is ever written.
  Results(std::string protocol, std::string data, const Arguments& arguments);

  /// Writes both files anew, each whole or not at all. Throws when that fails.
  void write(const std::vector<Run>& runs) const;

 private:
  std::string protocol_;
  std::string data_;
  std::vector<std::string> recipe_;
  Device device_;
  Index batch_size_;
  std::filesystem::path folder_;
};

}  // namespace muonlab::app
