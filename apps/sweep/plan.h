#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apps/sweep/cell.h"

namespace muonlab::app {

/// The trainings that a sweep can have.
inline constexpr std::size_t max_cells = 10'000;

/// What the command line of a sweep says.
struct Plan {
  std::string protocol = {};                   // "mnist" or "cifar10"
  Arguments arguments = {};                    // of every training, without rate and batch size
  std::vector<std::vector<float>> rates = {};  // of each of arguments.contenders
  std::vector<Index> batch_sizes = {};
  std::vector<std::string> words = {};  // the command line

  /// All that shall be trained, in the order in which it is.
  std::vector<Cell> cells() const;

  /// As words, defaults included, the same for the same sweep.
  std::vector<std::string> recipe() const;
};

/// Reads the command line, and sets the number of threads. Prints help and ends the program when
/// asked to. Throws Error with one line that names the option, the value and what it can be.
Plan parse_plan(int argc, char** argv);

/// The comparison that trains what a sweep of this protocol does.
const Defaults& comparison_of(const std::string& protocol);

/// What is trained.
Experiment experiment_of(const Plan& plan);

/// Five rates around `lr`: a tenth, three tenths, itself, three times, ten times.
std::vector<float> rates_around(float lr);

}  // namespace muonlab::app
