#pragma once

#include "core/cpu/onednn/library.h"

namespace muonlab::onednn {

using Memory = dnnl::memory;

/// An array of images or filters in our layout, at `data`: dims are (n, channels, height, width) or
/// (groups, out, in, height, width).
Memory ours(const Memory::dims& dims, const float* data);

/// An array in the layout and type that a plan of oneDNN asks for, and the way there and back.
class Planned {
 public:
  Planned(const Memory::dims& dims, const Memory::desc& plan);

  /// The array that is at `data` in our layout.
  const Memory& read(const float* data);

  /// Where a primitive puts it.
  const Memory& result() const { return planned_; }

  /// Copies it to `data`, in our layout.
  void write(float* data);

 private:
  Memory ours_, planned_;
  dnnl::reorder read_, write_;
  bool is_blocked_;  // 16 channels of a pixel side by side; oneDNN's own way there is slow
};

}  // namespace muonlab::onednn
