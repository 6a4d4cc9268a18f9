#pragma once

#include <concepts>
#include <ostream>

#include "muonlab/core/shape.h"

namespace muonlab {

/// A number for the height of images and one for the width; `= 1`, {1} and {1, 1} are the same.
struct Pair {
  Index height;
  Index width;

  constexpr Pair(std::integral auto both)  // NOLINT(google-explicit-constructor): {.padding = 1}
      : Pair(both, both) {}
  constexpr Pair(std::integral auto of_height, std::integral auto of_width)
      : height(static_cast<Index>(of_height)), width(static_cast<Index>(of_width)) {}

  /// 0: the height's, 1: the width's.
  constexpr Index operator[](int axis) const { return axis == 0 ? height : width; }

  friend constexpr bool operator==(const Pair&, const Pair&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << '(' << pair.height << ", " << pair.width << ')';
  }
};

}  // namespace muonlab
