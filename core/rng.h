#pragma once

#include <cstdint>

#include "muonlab/core/philox.h"
#include "muonlab/core/shape.h"

namespace muonlab {

/// A random stream, named by a seed and a stream number: equal names give equal bits on every
/// machine and device, different names independent ones. Passed explicitly; there is no global.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  /// 32 random bits.
  std::uint32_t bits() {
    if (used_ == 4) {
      block_ = Philox::at(position_++, stream_, seed_);
      used_ = 0;
    }
    return block_.word[used_++];
  }

  /// Uniform in [0, 1), a multiple of 2^-24.
  float uniform() { return Philox::uniform(bits()); }

  /// Uniform from low to high, up to rounding, which differs between processors.
  float uniform(float low, float high) { return low + (high - low) * uniform(); }

  /// Standard normal, up to rounding. Box and Muller 1958; two uniforms for each, so that a stream
  /// can be cut anywhere.
  float normal();

  /// Uniform in {0, ..., bound - 1}, every value equally likely. Throws unless
  /// 1 <= bound <= 2^32. Lemire 2019, arXiv:1805.10941.
  Index below(Index bound);

  /// The child stream `number`, below 2^63, of this stream: the same whatever was drawn before, so
  /// that item 7 of a series can be made without items 0 to 6.
  Rng child(std::uint64_t number) const;

  /// Where a stream is, for checkpoints: Rng(rng.state()) goes on as `rng` would.
  struct State {
    std::uint64_t seed, stream;
    std::uint64_t words;  // 32-bit words taken so far

    bool operator==(const State&) const = default;
  };
  State state() const { return {seed_, stream_, 4 * position_ - (4 - used_)}; }
  explicit Rng(const State& state);

  /// A new stream for a part, for example a layer, whose draws then do not disturb this one.
  Rng split() {
    const std::uint64_t high = bits();
    return Rng(seed_, high << 32 | bits());
  }

  /// Takes the next `count` words from the stream for a kernel that makes them in parallel: word i
  /// is word i % 4 of Philox::at(position + i / 4, stream, seed).
  struct Reserved {
    std::uint64_t position, stream, seed;
  };
  Reserved reserve(Index count);

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;  // next block
  Philox block_{};
  std::uint64_t used_ = 4;  // words of block_ handed out
};

}  // namespace muonlab
