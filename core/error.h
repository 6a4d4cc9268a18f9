#pragma once

#include <sstream>
#include <stdexcept>

namespace muonlab {

/// The only exception that this library throws: a caller or an input file broke a documented rule.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Out of memory, which is no fault of the file or argument being read.
class MemoryError final : public Error {
 public:
  using Error::Error;
};

/// Unless `condition` holds, throws Error, or the given type, with the concatenated message.
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
