#pragma once

#include <string>

namespace muonlab::app {

/// The model of this machine's processor as Linux names it, such as "AMD EPYC 7B13"; "unknown"
/// where Linux names none.
std::string processor();

}  // namespace muonlab::app
