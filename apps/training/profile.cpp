#include "apps/training/profile.h"

#include <algorithm>
#include <string_view>

#include "apps/training/divergence.h"

namespace muonlab::app {
namespace {

constexpr Index element_size = sizeof(float);

Index gradient_bytes(const nn::Parameters& parameters) {
  Index bytes = 0;
  for (const nn::Parameter& parameter : parameters) {
    const auto& grad = parameter.variable.grad();
    if (grad) bytes += grad->count() * element_size;
  }
  return bytes;
}

Index bytes_of(const nn::Buffers& buffers) {
  Index bytes = 0;
  for (const nn::Buffer& buffer : buffers) bytes += buffer.tensor.count() * element_size;
  return bytes;
}

/// What the section `name` found and what it made of it at its peak.
profile::Entry find(const std::vector<profile::Entry>& entries, std::string_view name) {
  const auto found = std::ranges::find_if(entries, [name](const profile::Entry& entry) {
    return entry.depth == 0 && entry.name == name;
  });
  return found == entries.end() ? profile::Entry{} : *found;
}

}  // namespace

Profiler::Measurement::Measurement(Profiler& profiler, const Position& position)
    : profiler_(profiler), position_(position), start_(position), recording_(profiler.recorder_) {}

Profiler::Measurement::~Measurement() {
  profiler_.steps_ += position_.batch - start_.batch;
  profiler_.seconds_ += position_.seconds - start_.seconds;
}

std::optional<Profile> Profiler::result(const Training& training,
                                        const Experiment& experiment) const {
  if (steps_ == 0) return {};
  Profile profile = {.steps = steps_, .parts = {}, .memory = {}};
  const double step_ms = 1000 / static_cast<double>(steps_);
  const std::vector<profile::Entry> entries = recorder_.entries();
  double other = seconds_;
  for (const profile::Entry& entry : entries) {
    profile.parts.push_back({entry.name, entry.depth, entry.seconds * step_ms});
    if (entry.depth == 0) other -= entry.seconds;
  }
  profile.parts.push_back({"other", 0, std::max(other, 0.0) * step_ms});

  const nn::Parameters parameters = training.model->parameters();
  const profile::Entry forward = find(entries, "forward");
  const profile::Entry backward = find(entries, "backward");
  const profile::Entry optimizer = find(entries, "optimizer");
  const Index gradients = gradient_bytes(parameters);
  const Index activations =
      std::max(forward.peak_bytes, backward.peak_bytes - gradients) - forward.live_bytes;
  profile.memory = {
      {"parameters", count(parameters) * element_size},
      {"gradients", gradients},
      {"optimizer state", training.optimizer->state_bytes()},
      {"optimizer workspace, batches ahead", optimizer.peak_bytes - optimizer.live_bytes},
      {"buffers", bytes_of(training.model->buffers())},
      {"data set", experiment.train->bytes() + experiment.test->bytes()},
      {"activations, batches ahead", activations},
  };
  return profile;
}

double Profiler::share_of(std::string_view name) const {
  double seconds = 0;
  for (const profile::Entry& entry : recorder_.entries()) {
    if (entry.name == name) seconds += entry.seconds;
  }
  return seconds_ > 0 ? std::clamp(seconds / seconds_, 0.0, 1.0) : 0;
}

}  // namespace muonlab::app
