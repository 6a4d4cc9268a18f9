#include "apps/sweep/grid.h"

#include <algorithm>
#include <tuple>

namespace muonlab::app {
namespace {

template <class Value>
void insert(std::vector<Value>& values, const Value& value) {
  if (std::ranges::find(values, value) == values.end()) values.push_back(value);
}

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
  for (const Result& result : results) {
    const auto& [optimizer, batch_size, lr, seed] = result.cell;
    insert(optimizers_, optimizer);
    insert(batch_sizes_, batch_size);
    if (find(optimizer, batch_size, lr) == nullptr) points_.push_back({optimizer, batch_size, lr});
    const auto index = find(optimizer, batch_size, lr) - points_.data();
    add(points_[static_cast<std::size_t>(index)], result);
  }
  for (Point& point : points_) finish(point);
  std::ranges::sort(batch_sizes_);
  std::ranges::sort(points_, {}, [this](const Point& point) {
    const auto place = std::ranges::find(optimizers_, point.optimizer);
    return std::tuple(place - optimizers_.begin(), point.batch_size, point.lr);
  });
}

std::vector<float> Grid::rates(const std::string& optimizer) const {
  std::vector<float> rates;
  for (const Point& point : points_) {
    if (point.optimizer == optimizer) insert(rates, point.lr);
  }
  std::ranges::sort(rates);
  return rates;
}

const Point* Grid::find(const std::string& optimizer, Index batch_size, float lr) const {
  const auto found = std::ranges::find_if(points_, [&](const Point& point) {
    return point.optimizer == optimizer && point.batch_size == batch_size && point.lr == lr;
  });
  return found == points_.end() ? nullptr : &*found;
}

std::optional<Best> Grid::best(const std::string& optimizer, Index batch_size) const {
  const Point* lowest_loss = nullptr;
  std::vector<float> rates;
  for (const Point& point : points_) {
    if (point.optimizer != optimizer || point.batch_size != batch_size) continue;
    rates.push_back(point.lr);
    if (!point.diverged.empty()) continue;
    if (lowest_loss == nullptr ||
        point.score.validation_loss < lowest_loss->score.validation_loss) {
      lowest_loss = &point;
    }
  }
  if (lowest_loss == nullptr) return {};
  const auto [low, high] = std::ranges::minmax(rates);
  using Edge = Best::Edge;
  const float lr = lowest_loss->lr;
  if (low == high) return Best{*lowest_loss, Edge::none};
  return Best{*lowest_loss, lr == high ? Edge::highest : lr == low ? Edge::lowest : Edge::none};
}

}  // namespace muonlab::app
