#pragma once

#include "muonlab/core/elementwise.h"
#include "muonlab/core/shape.h"

namespace muonlab {

/// The planes x(i, c, ...) of x, (n, channels, ...), and the sets whose statistics normalize them.
/// With statistics of shape (channels), a set is the planes of a channel in the whole batch; with
/// shape (n, groups), the planes of a group of neighbouring channels in one image. Used on the CPU
/// and on the GPU.
struct Planes {
  Planes(const Shape& x, const Shape& statistics)
      : count(x[0] * x[1]),
        size(count == 0 ? 0 : x.count() / count),
        channels(x[1]),
        sets(statistics.count()),
        set_size(sets == 0 ? 0 : count / sets),
        set_step(statistics.rank() == 1 ? 1 : set_size),
        plane_step(statistics.rank() == 1 ? channels : 1) {}

  MUONLAB_HOST_DEVICE Index channel(Index plane) const { return plane % channels; }
  MUONLAB_HOST_DEVICE Index set(Index plane) const { return plane / set_step % sets; }

  /// Plane k of a set.
  MUONLAB_HOST_DEVICE Index plane(Index set, Index k) const {
    return set * set_step + k * plane_step;
  }

  Index count;
  Index size;  // elements of a plane
  Index channels;
  Index sets;
  Index set_size;              // planes of a set
  Index set_step, plane_step;  // distance of sets' first planes; of planes in a set
};

}  // namespace muonlab
