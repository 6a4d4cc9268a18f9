#pragma once

#include <sstream>
#include <stdexcept>

namespace muonlab {

/// The only exception this library throws: a caller, or a file from outside, broke a documented
/// rule.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Error with the concatenated message unless `condition` holds.
/// Convention: "op: what is wrong, got X, expected Y".
template <class... Parts>
void check(bool condition, const Parts&... parts) {
  if (condition) [[likely]]
    return;
  std::ostringstream message;
  (message << ... << parts);
  throw Error(message.str());
}

}  // namespace muonlab
