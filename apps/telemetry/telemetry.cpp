#include "apps/telemetry/telemetry.h"

#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "apps/kit/stopwatch.h"
#include "apps/kit/terminal.h"
#include "apps/telemetry/observation_json.h"

namespace muonlab::app {
namespace {

namespace fs = std::filesystem;

constexpr Index all_values = std::numeric_limits<Index>::max();
constexpr int digits = 7;  // a float32 has no more

}  // namespace

Telemetry::Telemetry(const Arguments& arguments, const std::vector<Reached>& reached)
    : path_(arguments.out / "telemetry.jsonl"), every_(arguments.telemetry) {
  if (arguments.out.empty() || (every_ == 0 && !fs::exists(path_))) return;
  keep(arguments.recipe, reached);
  if (every_ > 0) {
    file_.emplace(path_);
  } else if (spectra_.empty()) {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
}

void Telemetry::keep(const Recipe& recipe, const std::vector<Reached>& reached) {
  files::Replacement kept(path_);
  const auto write = [&kept](std::string line) {
    line += '\n';
    kept.write(std::as_bytes(std::span(line)));
  };
  write(first_line(recipe));
  std::map<RunName, Index> steps;
  for (const Reached& run : reached) steps[{run.optimizer, run.seed}] = run.step;
  const auto is_reached = [&steps](const Observation& observation) {
    const auto run = steps.find(observation.run());
    return run != steps.end() && observation.step <= run->second;
  };
  if (!reached.empty() && fs::exists(path_)) {
    try {
      read_telemetry(path_, recipe, [&](const std::string& line, const Observation& observation) {
        if (!is_reached(observation)) return;
        write(line);
        spectra_.add(observation);
      });
    } catch (const Error& error) {
      throw Error(std::string(error.what()) + "; remove it to go on without what was observed");
    }
  }
  kept.commit();
}

bool Telemetry::is_due(Index step) const { return file_ && (step == 1 || step % every_ == 0); }

void Telemetry::before(const Training& training, Index next) {
  const Stopwatch watch;
  weights_.clear();
  if (is_due(next)) weights_ = copies_of_matrices(training.model->parameters());
  seconds_ += watch.seconds();
}

void Telemetry::after(const Run& run, const Training& training, Index done) {
  const Stopwatch watch;
  if (is_due(done) && !weights_.empty()) observe_step(run, training, done);
  seconds_ += watch.seconds();
  before(training, done + 1);
}

void Telemetry::observe_step(const Run& run, const Training& training, Index step) {
  const Stopwatch watch;
  std::optional<std::vector<ObservedMatrix>> matrices;
  try {
    matrices = observe(training.model->parameters(), weights_, training.optimizer->state());
  } catch (const Error&) {
    // The singular values cannot be found. Training does not need them, so it goes on.
  }
  if (!matrices) return;
  add({.optimizer = run.optimizer,
       .seed = run.seed,
       .step = step,
       .seconds = watch.seconds(),
       .matrices = std::move(*matrices)});
}

void Telemetry::add(const Observation& observation) {
  ++steps_;
  const Json json = to_json(observation, all_values, digits);
  const std::string line = json.dump() + '\n';
  try {
    file_->write(std::as_bytes(std::span(line)));
  } catch (const Error& error) {
    say(fmt::format("warning: {}; no more steps are observed", error.what()));
    file_.reset();
    is_whole_ = false;
    return;
  }
  // Rounded as in the file, so that a page made from the file later is the same.
  spectra_.add(to_observation(Fields(json, path_.string())));
}

std::vector<std::string> Telemetry::cost_lines() {
  const Index steps = std::exchange(steps_, 0);
  const double seconds = std::exchange(seconds_, 0);
  if (steps == 0) return {};
  return {
      fmt::format("telemetry: {} steps observed in {:.2f} s, {:.1f} ms each, beside the time of "
                  "training",
                  steps, seconds, 1000 * seconds / static_cast<double>(steps))};
}

}  // namespace muonlab::app
