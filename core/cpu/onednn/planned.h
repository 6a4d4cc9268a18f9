#pragma once

#include "muonlab/core/cpu/onednn/library.h"

namespace muonlab::onednn {

using Memory = dnnl::memory;

/// An array of images or filters in our layout, at `data`: dims are (n, channels, height, width) or
/// (groups, out, in, height, width).
Memory ours(const Memory::dims& dims, const float* data);

/// An array in the layout and type that a plan of oneDNN asks for, and the way there and back.
class Planned {
 public:
  Planned(const Memory::dims& dims, const Memory::desc& plan);

  /// Converts the array at `data` from our layout.
  const Memory& read(const float* data);

  /// The memory that a primitive writes its result to.
  const Memory& result() const { return planned_; }

  /// Converts the array to our layout, at `data`.
  void write(float* data);

 private:
  Memory ours_, planned_;
  dnnl::reorder read_, write_;
  bool is_blocked_;  // 16 channels side by side: we convert faster than oneDNN
};

}  // namespace muonlab::onednn
