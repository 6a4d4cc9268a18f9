#include "apps/sweep/printing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/kit/table.h"

namespace muonlab::app {
namespace {

using Edge = Best::Edge;

/// "0.0483"; of a training that all but diverged, "3.84e+25".
std::string loss_text(double loss) {
  return loss < 1e4 ? fmt::format("{:.4f}", loss) : fmt::format("{:.2e}", loss);
}

std::string percent(double fraction) { return fmt::format("{:.2f}", 100 * fraction); }

/// What stands at a place: the loss, with a star where it is the best of its batch size.
std::string cell_text(const Point* point, const std::optional<Best>& best) {
  if (point == nullptr) return "-  ";
  if (!point->diverged.empty()) return "diverged  ";
  return loss_text(point->score.validation_loss) + (best->point.lr == point->lr ? " *" : "  ");
}

/// The next two beyond `lr`, as far apart as those of rates_around().
std::string next_rates(float lr, Edge edge) {
  const bool up = edge == Edge::highest;
  return fmt::format("{:.2g},{:.2g}", lr * (up ? 3 : 0.3), lr * (up ? 10 : 0.1));
}

}  // namespace

void print_result(const Result& result, std::size_t width) {
  const auto& [cell, score, diverged] = result;
  fmt::print("{:{}} batch size {:<5} rate {:<7} seed {}  ", cell.optimizer, width, cell.batch_size,
             cell.lr, cell.seed);
  if (diverged.empty()) {
    fmt::print("validation loss {}, {} % right  {:.2f} s\n", loss_text(score.validation_loss),
               percent(score.validation_accuracy), score.train_seconds);
  } else {
    fmt::print("diverged at {}\n", diverged);
  }
  std::fflush(stdout);
}

std::string loss_tables(const Grid& grid) {
  std::string text = "Loss of the images held out, by rate and batch size; *: the best rate\n";
  for (const std::string& optimizer : grid.optimizers()) {
    std::vector<std::string> header = {optimizer};
    for (const Index size : grid.batch_sizes()) header.push_back(fmt::format("batch {}  ", size));
    std::vector<std::vector<std::string>> rows;
    for (const float lr : grid.rates(optimizer)) {
      rows.push_back({fmt::format("{}", lr)});
      for (const Index size : grid.batch_sizes()) {
        rows.back().push_back(
            cell_text(grid.find(optimizer, size, lr), grid.best(optimizer, size)));
      }
    }
    text += '\n' + table(header, rows);
  }
  return text;
}

std::string best_table(const Grid& grid) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& optimizer : grid.optimizers()) {
    for (const Index size : grid.batch_sizes()) {
      const std::optional<Best> best = grid.best(optimizer, size);
      if (!best) continue;
      const Score& score = best->point.score;
      rows.push_back({optimizer, fmt::format("{}", size), fmt::format("{}", best->point.lr),
                      loss_text(score.validation_loss), percent(score.validation_accuracy),
                      percent(score.test_accuracy), fmt::format("{:.2f}", score.train_seconds)});
    }
  }
  return table({"optimizer", "batch", "best rate", "loss", "held out (%)", "test (%)", "time (s)"},
               rows);
}

std::vector<std::string> edge_hints(const Grid& grid) {
  std::vector<std::string> lines;
  for (const std::string& optimizer : grid.optimizers()) {
    for (const Edge edge : {Edge::lowest, Edge::highest}) {
      std::vector<Index> sizes;
      std::vector<float> rates;
      for (const Index size : grid.batch_sizes()) {
        const std::optional<Best> best = grid.best(optimizer, size);
        if (!best || best->edge != edge) continue;
        sizes.push_back(size);
        rates.push_back(best->point.lr);
      }
      if (sizes.empty()) continue;
      // From the nearest of their edges: what one size has had may be new to another.
      const float last = edge == Edge::highest ? std::ranges::min(rates) : std::ranges::max(rates);
      lines.push_back(fmt::format(
          "{}: the best rate is the {} tried (batch size {}); try {} ones, too: --rates {}={}",
          optimizer, edge == Edge::highest ? "highest" : "lowest", fmt::join(sizes, ", "),
          edge == Edge::highest ? "higher" : "lower", optimizer, next_rates(last, edge)));
    }
  }
  return lines;
}

std::string tuned_command(const Grid& grid, const Plan& plan) {
  if (grid.batch_sizes().empty()) return "";
  const Defaults& comparison = comparison_of(plan.protocol);
  const auto distance = [&comparison](Index size) {
    return std::abs(
        std::log(static_cast<double>(size) / static_cast<double>(comparison.batch_size)));
  };
  const Index size = std::ranges::min(grid.batch_sizes(), {}, distance);
  std::vector<std::string> names;
  std::vector<std::string> rates;
  for (const std::string& optimizer : grid.optimizers()) {
    const std::optional<Best> best = grid.best(optimizer, size);
    if (!best) continue;
    names.push_back(optimizer);
    rates.push_back(fmt::format("{}={}", optimizer, best->point.lr));
  }
  if (names.empty()) return "";
  std::string command = fmt::format(
      "./muonlab {} --optimizers {} --batch-size {} --epochs {} --lr {}", comparison.name,
      fmt::join(names, ","), size, plan.arguments.epochs, fmt::join(rates, " "));
  const Arguments& arguments = plan.arguments;
  if (arguments.device == Device::cuda) command += " --device cuda";
  if (arguments.precision == Precision::bfloat16) command += " --precision bfloat16";
  const Precision orthogonalization = arguments.contenders.front().precision_on(arguments.device);
  if (orthogonalization != fastest_precision(arguments.device)) {
    command += fmt::format(" --muon-precision {}", name_of(orthogonalization));
  }
  return command;
}

}  // namespace muonlab::app
