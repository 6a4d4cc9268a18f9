#include "apps/training/roles.h"

#include <algorithm>
#include <sstream>

namespace muonlab::app {

std::vector<Ruled> roles(const nn::Parameters& parameters,
                         const std::vector<Contender>& contenders) {
  std::vector<Ruled> all;
  for (const nn::Parameter& parameter : parameters) {
    all.push_back({.parameter = parameter.name,
                   .shape = (std::ostringstream() << parameter.variable.shape()).str(),
                   .role = std::string(name_of(parameter.role)),
                   .rules = {}});
  }
  for (const Contender& contender : contenders) {
    for (const optim::Assignment& assignment : contender.assignments(parameters)) {
      const auto ruled = std::ranges::find(all, assignment.parameter.name, &Ruled::parameter);
      if (ruled != all.end()) ruled->rules.push_back({contender.name, assignment.optimizer});
    }
  }
  return all;
}

}  // namespace muonlab::app
