#pragma once

#include <sstream>
#include <stdexcept>

namespace muonlab {

/// What this library throws, and nothing else: a caller, or a file from outside, broke a documented
/// rule.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Memory is used up: not the fault of a file or of an argument, whatever is being read.
class MemoryError final : public Error {
 public:
  using Error::Error;
};

/// Throws Error, or the kind that is named, with the concatenated message unless `condition` holds.
/// Convention: "op: what is wrong, got X, expected Y".
template <class Thrown = Error, class... Parts>
void check(bool condition, const Parts&... parts) {
  if (condition) [[likely]]
    return;
  std::ostringstream message;
  (message << ... << parts);
  throw Thrown(message.str());
}

}  // namespace muonlab
