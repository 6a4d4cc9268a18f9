#pragma once

#include <string>
#include <vector>

#include "apps/training/contender.h"

namespace muonlab::app {

/// A parameter, and which rule each contender gives it.
struct Ruled {
  struct Rule {
    std::string contender;
    std::string name;
  };
  std::string parameter;
  std::string shape;  // "(256, 784)"
  std::string role;
  std::vector<Rule> rules;  // in the order of the contenders
};

/// One for each of `parameters`.
std::vector<Ruled> roles(const nn::Parameters& parameters,
                         const std::vector<Contender>& contenders);

}  // namespace muonlab::app
