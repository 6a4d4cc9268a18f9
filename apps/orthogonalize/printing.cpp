#include "apps/orthogonalize/printing.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "apps/kit/table.h"
#include "muonlab/core/linalg.h"
#include "muonlab/core/math.h"

namespace muonlab::app {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t few = 4;  // singular values that are shown one by one

bool are_few(const Stage& stage) { return stage.singular_values.size() <= few; }
bool is_2x2(const Stage& stage) { return stage.x.shape() == Shape{2, 2}; }

/// "0.682"; "3.2e-05" and "1.5e+06" where that says more.
std::string number(double value) {
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-3 || size >= 1e5)) return fmt::format("{:.1e}", value);
  return fmt::format("{:.3f}", value);
}

/// An element: as number(), but "0.000" where it is below half a thousandth.
std::string element(float value) { return std::abs(value) < 5e-4F ? "0.000" : number(value); }

/// The quantile of values in descending order: a share `q` of them does not exceed it.
double quantile(const std::vector<double>& values, double q) {
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(std::lround((1 - q) * last))];
}

Row header(const std::string& title, const Stage& stage) {
  Row cells = {title};
  if (is_2x2(stage)) cells.insert(cells.end(), {"X", ""});
  if (are_few(stage)) {
    for (std::size_t i = 1; i <= stage.singular_values.size(); ++i) {
      cells.push_back(fmt::format("σ{}", i));
    }
  } else {
    cells.insert(cells.end(), {"largest σ", "90 %", "median", "10 %", "smallest"});
  }
  cells.emplace_back("error");
  return cells;
}

/// Adds a row for the stage; for a matrix (2, 2) two rows.
void add(std::vector<Row>& rows, const std::string& name, const Stage& stage) {
  Row cells = {name};
  if (is_2x2(stage)) {
    cells.insert(cells.end(), {element(stage.x.data()[0]), element(stage.x.data()[1])});
  }
  const std::vector<double>& values = stage.singular_values;
  if (are_few(stage)) {
    for (const double value : values) cells.push_back(number(value));
  } else {
    for (const double q : {1.0, 0.9, 0.5, 0.1, 0.0}) cells.push_back(number(quantile(values, q)));
  }
  cells.push_back(fmt::format("{:.3f}", stage.error));
  const std::size_t width = cells.size();
  rows.push_back(std::move(cells));
  if (!is_2x2(stage)) return;
  rows.push_back({"", element(stage.x.data()[2]), element(stage.x.data()[3])});
  rows.back().resize(width);
}

/// Adds M and M / |M|. M has no error, because its scale does not matter.
void add_input(std::vector<Row>& rows, const Study& study) {
  const std::size_t first = rows.size();
  add(rows, "M", study.start);
  rows[first].back() = "";
  add(rows, "X = M / |M|", study.normalized);
}

/// The number of the bin of a singular value: three bins for a factor of ten, bin 0 around 1.
int bin_of(double value) {
  constexpr double least = 1e-6;  // the last bin takes all that is smaller
  return static_cast<int>(std::lround(3 * std::log10(std::max(value, least))));
}

Index count_in(const Stage& stage, int bin) {
  return std::ranges::count_if(stage.singular_values,
                               [bin](double value) { return bin_of(value) == bin; });
}

std::string bin_name(int bin, int last) {
  const auto edge = [](double third) { return fmt::format("{:.2g}", std::pow(10, third / 3)); };
  if (bin == last) return "below " + edge(bin + 0.5);
  return fmt::format("{} to {}", edge(bin - 0.5), edge(bin + 0.5));
}

/// "46 ███████"; the bar of `most` is `width` wide.
std::string bar(Index count, Index most, std::size_t width) {
  if (count == 0) return "";
  const auto share = static_cast<double>(count) / static_cast<double>(most);
  const auto blocks = static_cast<int>(std::lround(share * static_cast<double>(width)));
  std::string text = fmt::format("{:>4} ", count);
  for (int i = 0; i < blocks; ++i) text += "█";
  return text + (blocks == 0 ? "▏" : "");
}

}  // namespace

std::string heading(const Study& study) {
  const std::vector<double>& values = study.start.singular_values;
  const Shape& shape = study.start.x.shape();
  const auto count = static_cast<Index>(values.size());
  std::string text =
      fmt::format("M: {} x {}, singular values {:.3g} to {:.3g}; products in {}\n", shape[0],
                  shape[1], values.front(), values.back(), name_of(study.precision));
  if (const std::string sets = study.sets_in_float32(); !sets.empty()) {
    text += fmt::format("In float32 all the same: {}.\n", sets);
  }
  if (study.rank() < count) {
    text += fmt::format(
        "M has rank {} of {}: what it lacks stays zero, and U Vᵀ is one answer of many.\n",
        study.rank(), count);
  }
  return text;
}

std::string stages(const Study& study, bool gram_schmidt) {
  const Path& path = study.paths.front();
  std::vector<Row> rows;
  add_input(rows, study);
  for (std::size_t i = 0; i < path.stages.size(); ++i) {
    add(rows, fmt::format("step {}", i + 1), path.stages[i]);
  }
  add(rows, "exact, U Vᵀ", study.exact);
  if (gram_schmidt) {
    const Tensor q = linalg::orthonormal_columns(study.start.x);
    add(rows, "Gram-Schmidt, Q",
        {.x = q,
         .singular_values = linalg::singular_values(q),
         .error = math::norm(math::sub(q, study.exact.x)) / math::norm(study.exact.x)});
  }
  return table(header(path.set, study.start), rows);
}

std::string comparison(const Study& study) {
  Row titles = {"step"};
  for (const Path& path : study.paths) titles.push_back(path.set);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < study.paths.front().stages.size(); ++i) {
    rows.push_back({std::to_string(i + 1)});
    for (const Path& path : study.paths) {
      rows.back().push_back(fmt::format("{:.3f}", path.stages[i].error));
    }
  }
  std::string text = "The error after each step:\n\n" + table(titles, rows) + '\n';

  rows.clear();
  add_input(rows, study);
  for (const Path& path : study.paths) add(rows, path.set, path.stages.back());
  add(rows, "exact, U Vᵀ", study.exact);
  return text + table(header("at the end", study.start), rows);
}

std::string histogram(const Study& study) {
  constexpr std::size_t most_paths = 4;  // else the bars are too short
  if (are_few(study.start) || study.paths.size() > most_paths) return "";
  std::vector<const Stage*> columns = {&study.normalized};
  Row titles = {"σ from ... to", "M / |M|"};
  for (const Path& path : study.paths) {
    columns.push_back(&path.stages.back());
    titles.push_back(path.set);
  }

  int first = bin_of(1);
  int last = first;
  Index most = 1;
  for (const Stage* stage : columns) {
    for (const double value : stage->singular_values) {
      const int bin = bin_of(value);
      first = std::max(first, bin);
      last = std::min(last, bin);
      most = std::max(most, count_in(*stage, bin));
    }
  }
  const std::size_t width = 60 / columns.size() - 7;  // 80 columns for all
  std::vector<Row> rows;
  for (int bin = first; bin >= last; --bin) {
    rows.push_back({bin_name(bin, bin_of(0))});
    for (const Stage* stage : columns) {
      rows.back().push_back(bar(count_in(*stage, bin), most, width));
    }
  }
  return table(titles, rows, titles.size());
}

}  // namespace muonlab::app
