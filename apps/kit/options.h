#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace muonlab::app {

using Words = std::vector<std::string>;

/// Gives `words`, those after the program's name, to the options of `app`. Prints the help and ends
/// the program when --help is among them. Throws, in one line, when a word fits no option.
void parse(CLI::App& app, const Words& words);

}  // namespace muonlab::app
