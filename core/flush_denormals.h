#pragma once

namespace muonlab {

/// A scope in which this thread treats denormal floats as zero, in operands (DAZ) and in results
/// (FTZ); the destructor restores the caller's mode. Arithmetic on denormals is up to a hundred
/// times slower, and momentum decays into them within a few epochs.
class FlushDenormals {
 public:
  FlushDenormals() noexcept;
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned previous_;
};

}  // namespace muonlab
