#pragma once

#include <vector>

#include "apps/training/contender.h"

namespace muonlab::app {

/// The tutorials' Muon, or another rule of its family: for every matrix and filter bank, the ends
/// of the network too; the biases take Nesterov momentum at the same rate.
Contender matrix_contender(std::string_view rule, std::string_view about, float lr);

/// `first`, which is compared unless told otherwise, and after it the rules of the family that it
/// does not name, at the rate that suits updates of their size where Muon has its own, and those
/// that treat all elements alike.
std::vector<Contender> with_family(std::vector<Contender> first);

}  // namespace muonlab::app
