#pragma once

#include <string>
#include <vector>

/// What reads bytes from outside, given bytes of libFuzzer's making. A target is a file here that
/// defines the two functions below; tests/fuzz.sh runs them.
/// https://llvm.org/docs/LibFuzzer.html
namespace muonlab::fuzz {

/// Reads `input` as the apps do. It may throw Error, in one line that a terminal can show: that is
/// how bad input is refused. All else that goes wrong is a fault.
void read(const std::string& input);

/// Good inputs, which read() does not refuse: what the others are made from.
std::vector<std::string> seeds();

}  // namespace muonlab::fuzz
