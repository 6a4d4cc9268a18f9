#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/comparison/checkpoints.h"
#include "apps/comparison/comparison.h"
#include "muonlab/core/device.h"
#include "muonlab/core/precision.h"

namespace CLI {
class App;
}

namespace muonlab::app {

/// How often to save: after so many steps of a run, or epochs.
struct Every {
  enum class Unit { steps, epochs };
  Index count;
  Unit unit;
};

/// "500" and "500steps" are steps, "2epochs" epochs. Throws for anything else.
Every parse_every(const std::string& text);

/// Applies rates such as "muon=0.02" to the contenders that they name, and returns these names.
/// Throws, in the name of --lr, for anything else, and for two rates of one contender.
std::vector<std::string> set_rates(std::vector<Contender>& contenders,
                                   const std::vector<std::string>& rates);

/// The contender of this name. Throws, in the name of `option`, when there is none.
Contender& find_contender(std::vector<Contender>& contenders, std::string_view option,
                          std::string_view name);

/// The rate of the optimizer `name`, "0.02". Throws, in the name of `option`, unless it is a
/// positive number.
float parse_rate(const std::string& option, const std::string& name, const std::string& text);

/// "cpu" or "cuda". Throws, in the name of --device, for anything else and where that is not to be
/// had.
Device parse_device(const std::string& text);

/// What name_of() calls a precision. Throws for anything else, in the name of `option`.
Precision parse_precision(const std::string& option, const std::string& text);

/// "steps=3,set=cubic,form=plain", any of them: how Muon's family orthogonalizes. Throws, in the
/// name of --newton-schulz, for anything else.
optim::OrthogonalizeOptions parse_newton_schulz(const std::string& text);

/// What the command line of a comparison says.
struct Arguments {
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

/// What an app is and what it does unless told otherwise.
struct Defaults {
  std::string name;
  std::string about;
  std::vector<Contender> contenders;
  int epochs;
  Index batch_size;
  /// Adds an app's own options, into variables that the app keeps. They become part of the recipe,
  /// so those with a default value need capture_default_str().
  std::function<void(CLI::App&)> add_options = {};
};

/// Reads the command line, with --resume also the checkpoint, and sets the number of threads.
/// Prints help and ends the program when asked to. Throws Error with one line that names the
/// option, the value and what it can be, or the file.
Arguments parse_arguments(int argc, char** argv, const Defaults& defaults);

}  // namespace muonlab::app
