#pragma once

#include <string>

namespace muonlab::app {

/// The model of this machine's processor, "AMD EPYC 7B13", as Linux calls it; "unknown" where it
/// does not say.
std::string processor();

}  // namespace muonlab::app
