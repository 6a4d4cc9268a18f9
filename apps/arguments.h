#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/comparison.h"
#include "core/device.h"

namespace CLI {
class App;
}

namespace muonlab::app {

/// What the command line of a comparison says.
struct Arguments {
  std::filesystem::path data = {};         // empty: where the app finds it
  std::vector<Contender> contenders = {};  // those chosen, with their rates, in the order given
  int epochs;
  Index batch_size;
  std::vector<std::uint64_t> seeds = {};
  Device device = Device::cpu;
  std::filesystem::path out = {};  // empty: no files
  bool quiet = false;
};

/// What an app is and what it does unless told otherwise.
struct Defaults {
  std::string name;
  std::string about;
  std::vector<Contender> contenders;
  int epochs;
  Index batch_size;
  std::function<void(CLI::App&)> add_options = {};  // an app's own, into variables that it keeps
};

/// Reads the command line and sets the number of threads. Prints help and ends the program when
/// asked to. Throws Error with one line that names the option, the value and what it can be.
Arguments parse_arguments(int argc, char** argv, const Defaults& defaults);

}  // namespace muonlab::app
