#include "muonlab/core/flush_denormals.h"

namespace muonlab {

// CMake builds this on processors other than x86: denormals stay, which may be slower.
FlushDenormals::FlushDenormals() noexcept : previous_(0) {}
FlushDenormals::~FlushDenormals() = default;

}  // namespace muonlab
