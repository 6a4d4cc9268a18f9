#pragma once

#include <optional>
#include <string_view>

#include "apps/training/experiment.h"
#include "apps/training/run.h"
#include "apps/training/training.h"
#include "muonlab/core/profile.h"

namespace muonlab::app {

/// Measures the training of one contender, evaluation aside.
class Profiler {
 public:
  /// Of training on `device`.
  explicit Profiler(Device device) : recorder_(device) {}

  /// While one lives, the steps that move `position` on are measured.
  class Measurement {
   public:
    Measurement(Profiler& profiler, const Position& position);
    ~Measurement();
    Measurement(const Measurement&) = delete;
    Measurement& operator=(const Measurement&) = delete;

   private:
    Profiler& profiler_;
    const Position& position_;
    Position start_;
    profile::Recording recording_;
  };

  /// Where the time of a step went, on average, and what held memory; none when no step was
  /// measured. Activations are what was held at the peak of forward beyond what was there before
  /// it, or of backward, the gradients of parameters aside; workspace is what was held at the
  /// optimizer's peak beyond what was there before. Both include what the thread that makes batches
  /// ahead took meanwhile, up to two batches and what it takes to make one.
  std::optional<Profile> result(const Training& training, const Experiment& experiment) const;

  bool has_measured() const { return steps_ > 0; }

  /// The part of the measured time that sections of this name took, within [0, 1]; 0 when no step
  /// was measured.
  double share_of(std::string_view name) const;

 private:
  profile::Recorder recorder_;
  Index steps_ = 0;
  double seconds_ = 0;
};

}  // namespace muonlab::app
