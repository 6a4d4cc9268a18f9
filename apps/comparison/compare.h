#pragma once

#include <functional>

#include "apps/training/experiment.h"

namespace muonlab::app {

/// The main() of an app that compares optimizers: reads the command line, loads the experiment,
/// trains every contender with every seed, and prints what each reached. Returns the exit status.
int compare(int argc, char** argv, const Defaults& defaults,
            const std::function<Experiment(const Setting&)>& load);

}  // namespace muonlab::app
