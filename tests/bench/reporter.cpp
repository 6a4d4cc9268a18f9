#include "tests/bench/reporter.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string_view>

namespace muonlab::bench {
namespace {

/// How counters are printed, in this order from left to right.
struct Column {
  std::string_view name;
  int digits;
};
constexpr Column all_columns[] = {
    {"GFLOP/s", 1},     {"% of peak", 1},    {"GB/s", 1},  {"% of memory", 1}, {"forward ms", 3},
    {"backward ms", 3}, {"optimizer ms", 3}, {"error", 4}, {"lowest", 3},      {"highest", 3},
};
constexpr std::size_t least_width = 9;

std::string duration(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.1f} µs", 1e6 * seconds);
  if (seconds < 1) return fmt::format("{:.2f} ms", 1e3 * seconds);
  return fmt::format("{:.2f} s", seconds);
}

std::string cell(const std::string& name, const benchmark::UserCounters& counters) {
  const auto counter = counters.find(name);
  if (counter == counters.end() || counter->second.value == 0) return "-";
  const auto column =
      std::ranges::find_if(all_columns, [&name](const Column& c) { return c.name == name; });
  return fmt::format("{:.{}f}", counter->second.value, column->digits);
}

}  // namespace

void Tables::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    const std::string& name = run.run_name.function_name;
    const std::string group = name.substr(0, name.find('/'));
    if (group != group_) start_table(run, group);
    std::string line = fmt::format("{:{}}", name, name_width_);
    // No benchmark skips itself, so every run has figures; failures are exceptions.
    const double seconds = run.GetAdjustedRealTime() / GetTimeUnitMultiplier(run.time_unit);
    line += fmt::format("  {:>{}}", duration(seconds), least_width);
    for (const std::string& column : columns_) {
      line +=
          fmt::format("  {:>{}}", cell(column, run.counters), std::max(least_width, column.size()));
    }
    fmt::print("{}\n", line);
    std::fflush(stdout);
  }
}

void Tables::start_table(const Run& run, const std::string& group) {
  group_ = group;
  columns_.clear();
  std::string header = fmt::format("\n{:{}}  {:>{}}", group, name_width_, "time", least_width);
  std::string rule = fmt::format("{:-<{}}  {:-<{}}", "", name_width_, "", least_width);
  for (const Column& column : all_columns) {
    const std::string name(column.name);
    if (!run.counters.contains(name)) continue;
    columns_.push_back(name);
    const std::size_t width = std::max(least_width, name.size());
    header += fmt::format("  {:>{}}", name, width);
    rule += fmt::format("  {:-<{}}", "", width);
  }
  fmt::print("{}\n{}\n", header, rule);
}

}  // namespace muonlab::bench
