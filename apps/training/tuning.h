#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/training/contender.h"
#include "muonlab/core/device.h"

/// What words of a command line say to optimizers and to a training.
namespace muonlab::app {

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

}  // namespace muonlab::app
