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

/// How often to save: after so many steps of a run, or epochs.
struct Every {
  enum class Unit { steps, epochs };
  Index count;
  Unit unit;
};

/// "500" and "500steps" are steps, "2epochs" epochs. Throws for anything else.
Every parse_every(const std::string& text);

/// What the command line of a comparison says.
struct Arguments {
  /// What its experiment is made for.
  Setting setting() const {
    return {.data = data, .device = device, .epochs = epochs, .batch_size = batch_size};
  }

  std::string id = {};                     // of the comparison, random, also when it goes on
  std::filesystem::path data = {};         // empty: where the app finds it
  std::vector<Contender> contenders = {};  // those chosen, with their rates, in the order given
  int epochs = 0;
  Index batch_size = 0;
  std::vector<std::uint64_t> seeds = {};
  Device device = Device::cpu;
  Precision precision = Precision::float32;  // of the products in training
  std::filesystem::path out = {};            // empty: no files
  std::filesystem::path checkpoint = {};     // where a new comparison is kept; empty: nowhere
  std::optional<Checkpoint> resumed = {};    // what to go on from
  Every every = {1, Every::Unit::epochs};
  Index telemetry = 0;  // observe every so many steps; 0: none
  bool profile = false;
  bool quiet = false;
  std::vector<std::string> recipe = {};   // as words, the same for the same comparison
  std::vector<std::string> running = {};  // the options given that are not of the recipe
  std::string program = {};               // as it was called
};

/// What computes the products in training, and in which precision: "float32 by oneDNN".
std::string products(const Arguments& arguments);

}  // namespace muonlab::app
