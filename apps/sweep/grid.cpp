#include "apps/sweep/grid.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace muonlab::app {
namespace {

void add(Point& point, const Result& result) {
  ++point.seeds;
  if (point.diverged.empty()) point.diverged = result.diverged;
  point.score.loss += result.score.loss;
  point.score.validation_loss += result.score.validation_loss;
  point.score.validation_accuracy += result.score.validation_accuracy;
  point.score.test_accuracy += result.score.test_accuracy;
  point.score.train_seconds += result.score.train_seconds;
}

/// From sums to means.
void finish(Point& point) {
  if (!point.diverged.empty()) point.score = {};
  for (double* value :
       {&point.score.loss, &point.score.validation_loss, &point.score.validation_accuracy,
        &point.score.test_accuracy, &point.score.train_seconds}) {
    *value /= point.seeds;
  }
}

}  // namespace

Grid::Grid(const std::vector<Result>& results) {
  std::map<Place, Point> points;
  std::set<Index> batch_sizes;
  for (const Result& result : results) {
    const auto& [optimizer, batch_size, lr, seed] = result.cell;
    if (std::ranges::find(optimizers_, optimizer) == optimizers_.end()) {
      optimizers_.push_back(optimizer);
    }
    batch_sizes.insert(batch_size);
    const Point empty = {optimizer, batch_size, lr};
    add(points.try_emplace(place_of(empty), empty).first->second, result);
  }
  batch_sizes_.assign(batch_sizes.begin(), batch_sizes.end());
  for (auto& [place, point] : points) {
    finish(point);
    points_.push_back(std::move(point));
  }
}

std::vector<float> Grid::rates(const std::string& optimizer) const {
  std::set<float> rates;
  for (const Point& point : points_) {
    if (point.optimizer == optimizer) rates.insert(point.lr);
  }
  return {rates.begin(), rates.end()};
}

const Point* Grid::find(const std::string& optimizer, Index batch_size, float lr) const {
  const std::span<const Point> all = tried(optimizer, batch_size);
  const auto found = std::ranges::lower_bound(all, lr, {}, &Point::lr);
  return found == all.end() || found->lr != lr ? nullptr : &*found;
}

std::optional<Best> Grid::best(const std::string& optimizer, Index batch_size) const {
  const std::span<const Point> all = tried(optimizer, batch_size);
  const Point* lowest_loss = nullptr;
  for (const Point& point : all) {
    if (!point.diverged.empty()) continue;
    if (lowest_loss == nullptr ||
        point.score.validation_loss < lowest_loss->score.validation_loss) {
      lowest_loss = &point;
    }
  }
  if (lowest_loss == nullptr) return {};
  using Edge = Best::Edge;
  if (all.size() == 1) return Best{*lowest_loss, Edge::none};
  return Best{*lowest_loss, lowest_loss == &all.back()    ? Edge::highest
                            : lowest_loss == &all.front() ? Edge::lowest
                                                          : Edge::none};
}

Grid::Place Grid::place_of(const Point& point) const {
  const auto optimizer = std::ranges::find(optimizers_, point.optimizer);
  return {optimizer - optimizers_.begin(), point.batch_size, point.lr};
}

std::span<const Point> Grid::tried(const std::string& optimizer, Index batch_size) const {
  const auto column_of = [this](const Point& point) {
    const auto [number, size, lr] = place_of(point);
    return std::pair(number, size);
  };
  const auto column = column_of({optimizer, batch_size, 0});
  return {std::ranges::lower_bound(points_, column, {}, column_of),
          std::ranges::upper_bound(points_, column, {}, column_of)};
}

}  // namespace muonlab::app
