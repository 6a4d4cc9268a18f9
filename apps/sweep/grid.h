#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "apps/sweep/cell.h"

namespace muonlab::app {

/// A place in the grid: what its seeds came to on average.
struct Point {
  std::string optimizer;
  Index batch_size;
  float lr;
  Score score = {};           // the mean over the seeds; zero when one of them diverged
  int seeds = 0;              // that were trained
  std::string diverged = {};  // the first that did: where, and how
};

/// The best place of an optimizer at a batch size.
struct Best {
  enum class Edge { none, lowest, highest };
  Point point;
  Edge edge;  // whether it has the lowest or the highest rate of several tried there
};

/// The results of a sweep as a grid. Optimizers are in the order in which they come up, batch sizes
/// and rates grow.
class Grid {
 public:
  explicit Grid(const std::vector<Result>& results);

  const std::vector<std::string>& optimizers() const { return optimizers_; }
  const std::vector<Index>& batch_sizes() const { return batch_sizes_; }
  const std::vector<Point>& points() const { return points_; }

  /// Those of one optimizer at any batch size.
  std::vector<float> rates(const std::string& optimizer) const;

  /// Null where nothing was trained.
  const Point* find(const std::string& optimizer, Index batch_size, float lr) const;

  /// The place with the lowest validation loss; none where all diverged, or there is none.
  std::optional<Best> best(const std::string& optimizer, Index batch_size) const;

 private:
  using Place = std::tuple<std::ptrdiff_t, Index, float>;  // the optimizer by its number

  Place place_of(const Point& point) const;

  /// What was trained of an optimizer at a batch size, in the order of the rates.
  std::span<const Point> tried(const std::string& optimizer, Index batch_size) const;

  std::vector<std::string> optimizers_;
  std::vector<Index> batch_sizes_;
  std::vector<Point> points_;  // in the order of their places
};

}  // namespace muonlab::app
