#include "core/flush_denormals.h"

namespace muonlab {

// Chosen by CMake on processors other than x86: denormals stay, results are right, maybe slower.
FlushDenormals::FlushDenormals() noexcept : previous_(0) {}
FlushDenormals::~FlushDenormals() = default;

}  // namespace muonlab
