#include "apps/telemetry/spectra.h"

#include <algorithm>
#include <utility>

#include "apps/telemetry/observation_json.h"

namespace muonlab::app {
namespace {

constexpr Index most_values = 64;       // of a spectrum
constexpr std::size_t most_steps = 60;  // of a run
constexpr std::size_t numbers_in_all = 350'000;
constexpr int digits = 4;

/// How many numbers a line has, near enough.
std::size_t numbers_in(const Json& line) {
  std::size_t count = 0;
  for (const Json& matrix : line["matrices"]) {
    for (const char* kind : {"gradient", "momentum", "update"}) {
      if (matrix.contains(kind)) count += 3 + matrix[kind]["singular_values"].size();
    }
  }
  return count;
}

/// So many of `lines`, at equal distances, the first and the last among them.
Json some_of(const std::vector<Json>& lines, std::size_t count) {
  if (lines.size() <= count) return lines;
  Json some = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    some.push_back(lines[i * (lines.size() - 1) / (count - 1)]);
  }
  return some;
}

}  // namespace

Spectra::Run& Spectra::run_of(const Observation& observation) {
  const auto run = std::ranges::find_if(runs_, [&observation](const Run& candidate) {
    return candidate.optimizer == observation.optimizer && candidate.seed == observation.seed;
  });
  if (run != runs_.end()) return *run;
  return runs_.emplace_back(Run{.optimizer = observation.optimizer, .seed = observation.seed});
}

void Spectra::add(const Observation& observation) {
  Run& run = run_of(observation);
  run.last = to_json(observation, most_values, digits);
  run.extremes.add(run.last);
  if (run.observed++ % run.stride != 0) return;
  run.kept.push_back(std::exchange(run.last, Json()));
  if (run.kept.size() < 2 * most_steps) return;
  for (std::size_t i = 1; 2 * i < run.kept.size(); ++i) run.kept[i] = run.kept[2 * i];
  run.last = std::move(run.kept.back());
  run.kept.resize(run.kept.size() / 2);
  run.stride *= 2;
}

Json Spectra::json() const {
  std::size_t numbers = 1;  // when every run has one step
  for (const Run& run : runs_) numbers += numbers_in(run.kept.front());
  const std::size_t steps = std::clamp<std::size_t>(numbers_in_all / numbers, 2, most_steps);
  Json all = Json::array();
  for (const Run& run : runs_) {
    std::vector<Json> lines = run.kept;
    if (!run.last.is_null()) lines.push_back(run.last);
    all.push_back({{"optimizer", run.optimizer},
                   {"seed", run.seed},
                   {"observed", run.observed},
                   {"lines", some_of(lines, steps)},
                   {"extremes", run.extremes.lines()}});
  }
  return all;
}

}  // namespace muonlab::app
