#include "apps/telemetry/spectra.h"

#include <algorithm>
#include <utility>

#include "apps/telemetry/observation_json.h"

namespace muonlab::app {
namespace {

constexpr Index most_values = 64;                 // of a spectrum
constexpr std::size_t most_steps = 60;            // of a run
constexpr std::size_t numbers_in_page = 200'000;  // some 11 bytes each
constexpr std::size_t numbers_of_extreme = 8;     // two steps, two values; its name counts as four
constexpr int digits = 4;

/// How many numbers a line has, where its names count as the numbers that would take their room.
std::size_t numbers_in(const Json& line) {
  std::size_t count = 0;
  for (const Json& matrix : line["matrices"]) {
    count += 10;
    for (const char* kind : {"gradient", "momentum", "update"}) {
      if (matrix.contains(kind)) count += 10 + matrix[kind]["singular_values"].size();
    }
  }
  return count;
}

/// At most `count` >= 2 lines: all of `lines`, or every second, fourth, eighth, ..., and `end`.
Json some_of(const std::vector<Json>& lines, const Json& end, std::size_t count) {
  std::size_t stride = 1;
  while (stride * (count - 1) < lines.size()) stride *= 2;
  Json some = Json::array();
  for (std::size_t i = 0; i < lines.size(); i += stride) some.push_back(lines[i]);
  if (some.back()["step"] != end["step"]) some.push_back(end);
  return some;
}

}  // namespace

Spectra::Run& Spectra::run_of(const Observation& observation) {
  const auto [number, is_new] = numbers_.try_emplace(observation.run(), runs_.size());
  if (is_new) runs_.push_back({.optimizer = observation.optimizer, .seed = observation.seed});
  return runs_[number->second];
}

void Spectra::add(const Observation& observation) {
  Run& run = run_of(observation);
  run.last = to_json(observation, most_values, digits);
  run.extremes.add(run.last);
  if (run.observed++ % run.stride != 0) return;
  run.kept.push_back(run.last);
  if (run.kept.size() < most_steps) return;
  for (std::size_t i = 1; 2 * i < run.kept.size(); ++i) run.kept[i] = std::move(run.kept[2 * i]);
  run.kept.resize(run.kept.size() / 2);
  run.stride *= 2;
}

Json Spectra::json(std::size_t comparisons) const {
  std::size_t of_extremes = 0;
  std::size_t of_lines = 1;  // when every run has one; never 0
  for (const Run& run : runs_) {
    of_extremes += numbers_of_extreme * run.extremes.size();
    of_lines += numbers_in(run.kept.front());
  }
  const std::size_t all = numbers_in_page / comparisons;
  const std::size_t left = all - std::min(all, of_extremes);
  const std::size_t steps = std::clamp<std::size_t>(left / of_lines, 2, most_steps);
  Json json = Json::array();
  for (const Run& run : runs_) {
    json.push_back({{"optimizer", run.optimizer},
                    {"seed", run.seed},
                    {"observed", run.observed},
                    {"lines", some_of(run.kept, run.last, steps)},
                    {"extremes", run.extremes.json()}});
  }
  return json;
}

}  // namespace muonlab::app
