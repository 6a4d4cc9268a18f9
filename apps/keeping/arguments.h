#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/keeping/checkpoints.h"
#include "apps/training/contender.h"
#include "apps/training/experiment.h"

namespace muonlab::app {

/// How often to save: after every `count` steps, or epochs, of a run.
struct Every {
  enum class Unit { steps, epochs };
  Index count;
  Unit unit;
};

/// Reads "500" and "500steps" as steps, "2epochs" as epochs. Throws for anything else.
Every parse_every(const std::string& text);

/// What the command line of a comparison says.
struct Arguments {
  /// The setting that the experiment is made for.
  Setting setting() const {
    return {.data = data, .device = device, .epochs = epochs, .batch_size = batch_size};
  }

  std::string id = {};                     // of the comparison: random, and kept when it resumes
  std::filesystem::path data = {};         // empty: the app's usual folder
  std::vector<Contender> contenders = {};  // those chosen, with their rates, in the order given
  int epochs = 0;
  Index batch_size = 0;
  std::vector<std::uint64_t> seeds = {};
  Device device = Device::cpu;
  Precision precision = Precision::float32;  // of the products in training
  std::filesystem::path out = {};            // empty: no files
  std::filesystem::path checkpoint = {};     // folder of a new comparison's checkpoints, if any
  std::optional<Checkpoint> resumed = {};    // the checkpoint to resume from, if any
  Every every = {1, Every::Unit::epochs};
  Index telemetry = 0;  // observe step 1 and every N-th; 0: none
  bool profile = false;
  bool quiet = false;
  std::vector<std::string> recipe = {};   // as words: all options that decide what is computed
  std::vector<std::string> running = {};  // as words: the other options that were given
  std::string program = {};               // the program's name as it was called
};

/// What computes the products in training, and in which precision: "float32 by oneDNN".
std::string products(const Arguments& arguments);

}  // namespace muonlab::app
