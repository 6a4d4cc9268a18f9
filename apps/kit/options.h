#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace muonlab::app {

using Words = std::vector<std::string>;

/// Takes the words after the program's name. Prints help and ends the program when asked to.
/// Throws, in one line, for what no option takes.
void parse(CLI::App& app, const Words& words);

}  // namespace muonlab::app
