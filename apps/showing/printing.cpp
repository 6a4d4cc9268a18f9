#include "apps/showing/printing.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "apps/kit/table.h"

namespace muonlab::app {
namespace {

/// "0.0483"; "3.84e+25" for a run that diverges.
std::string number(double value, int digits) {
  return std::abs(value) < 1e6 ? fmt::format("{:.{}f}", value, digits)
                               : fmt::format("{:.2e}", value);
}

/// "0.0483", or "0.0483 ± 0.0011" over several runs: mean and standard deviation.
std::string statistic(const std::vector<double>& values, int digits) {
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  if (values.size() == 1) return number(mean, digits);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return number(mean, digits) + " ± " + number(std::sqrt(squares / (n - 1)), digits);
}

template <class Field>
std::vector<double> collect(const std::vector<Run>& runs, const Field& field) {
  std::vector<double> values;
  for (const Run& run : runs) values.push_back(field(run));
  return values;
}

double mean_seconds(const std::vector<Run>& runs) {
  double total = 0;
  for (const Run& run : runs) total += run.train_seconds();
  return total / static_cast<double>(runs.size());
}

/// The runs of one contender that reached the end, one per seed.
struct Group {
  std::string optimizer;
  std::vector<Run> runs;
  int stopped = 0;  // runs that did not
  Index state_bytes;
};

std::vector<Group> by_optimizer(const std::vector<Run>& runs) {
  std::vector<Group> groups;
  for (const Run& run : runs) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& g) { return g.optimizer == run.optimizer; });
    if (group == groups.end()) {
      group = groups.insert(
          group, {.optimizer = run.optimizer, .runs = {}, .state_bytes = run.state_bytes});
    }
    if (run.stopped.empty()) {
      group->runs.push_back(run);
    } else {
      ++group->stopped;
    }
  }
  return groups;
}

std::vector<std::string> summary_row(const Group& group, double fastest) {
  const std::string state =
      fmt::format("{:.2f}", static_cast<double>(group.state_bytes) / (1 << 20));
  if (group.runs.empty()) return {group.optimizer, "stopped", "-", "-", "-", "-", state};
  const std::string some = fmt::format(" ({} of {} seeds stopped)", group.stopped,
                                       group.stopped + static_cast<int>(group.runs.size()));
  return {
      group.stopped == 0 ? group.optimizer : group.optimizer + some,
      statistic(collect(group.runs, [](const Run& r) { return r.epochs.back().loss; }), 4),
      statistic(collect(group.runs, [](const Run& r) { return r.epochs.back().test_loss; }), 4),
      statistic(
          collect(group.runs, [](const Run& r) { return 100 * r.epochs.back().test_accuracy; }), 2),
      statistic(collect(group.runs, [](const Run& r) { return r.train_seconds(); }), 2),
      fmt::format("{:.2f}", mean_seconds(group.runs) / fastest),
      state,
  };
}

}  // namespace

std::string table_of(const std::vector<Ruled>& parameters) {
  std::vector<std::string> header = {"parameter", "shape", "role"};
  for (const Ruled::Rule& rule : parameters.front().rules) header.push_back(rule.contender);
  std::vector<std::vector<std::string>> rows;
  for (const Ruled& ruled : parameters) {
    rows.push_back({ruled.parameter, ruled.shape, ruled.role});
    for (const Ruled::Rule& rule : ruled.rules) rows.back().push_back(rule.name);
  }
  return table(header, rows, header.size());
}

void print_epoch(const Run& run, int epochs, std::size_t width) {
  if (!run.stopped.empty()) {
    fmt::print("{:{}} seed {}  stopped at {}\n", run.optimizer, width, run.seed, run.stopped);
  } else {
    const Epoch& epoch = run.epochs.back();
    fmt::print(
        "{:{}} seed {}  epoch {}/{}  loss {}  test loss {}  test accuracy {:.2f} %  {:.2f} s\n",
        run.optimizer, width, run.seed, epoch.number, epochs, number(epoch.loss, 4),
        number(epoch.test_loss, 4), 100 * epoch.test_accuracy, epoch.train_seconds);
  }
  std::fflush(stdout);
}

void print_cost(const Run& run, const std::vector<std::string>& lines, std::size_t width) {
  std::string title = fmt::format("{:{}} seed {}", run.optimizer, width, run.seed);
  for (const std::string& line : lines) {
    fmt::print("{}  {}\n", title, line);
    title.assign(title.size(), ' ');
  }
  std::fflush(stdout);
}

void print_profile(const Run& run) {
  const Profile& profile = *run.profile;
  double step = 0;
  for (const Profile::Part& part : profile.parts) {
    if (part.depth == 0) step += part.ms;
  }
  std::vector<std::vector<std::string>> rows;
  const auto add = [&rows, step](const std::string& name, double ms) {
    const double percent = step > 0 ? 100 * ms / step : 0;
    rows.push_back({name, fmt::format("{:.3f}", ms), fmt::format("{:.1f}", percent)});
  };
  for (const auto& [name, depth, ms] : profile.parts) {
    add(std::string(2 * static_cast<std::size_t>(depth), ' ') + name, ms);
  }
  add("step", step);
  fmt::print("\n{}", table({fmt::format("part of a step, {} seed {}", run.optimizer, run.seed),
                            "time (ms)", "%"},
                           rows));

  rows.clear();
  for (const auto& [name, bytes] : profile.memory) {
    rows.push_back({name, fmt::format("{:.2f}", static_cast<double>(bytes) / (1 << 20))});
  }
  fmt::print("\n{}", table({"memory", "MiB"}, rows));
  std::fflush(stdout);
}

void print_summary(const std::vector<Run>& runs) {
  const std::vector<Group> groups = by_optimizer(runs);
  double fastest = std::numeric_limits<double>::infinity();
  for (const Group& group : groups) {
    if (!group.runs.empty()) fastest = std::min(fastest, mean_seconds(group.runs));
  }
  std::vector<std::vector<std::string>> rows;
  for (const Group& group : groups) rows.push_back(summary_row(group, fastest));
  fmt::print("\n{}", table({"optimizer", "last-epoch loss", "test loss", "test accuracy (%)",
                            "train time (s)", "relative time", "state (MiB)"},
                           rows));
}

}  // namespace muonlab::app
