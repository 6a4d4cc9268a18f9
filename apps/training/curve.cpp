#include "apps/training/curve.h"

#include <algorithm>
#include <utility>

namespace muonlab::app {

Curve::Curve(Index all, Index limit)
    : bucket_(all <= limit ? 1 : (all - 1) / std::max<Index>(1, limit / 2) + 1) {}

Curve::Curve(Index bucket, Index steps, std::vector<Point> points, std::vector<Bucket> buckets)
    : bucket_(bucket), steps_(steps), points_(std::move(points)), buckets_(std::move(buckets)) {}

void Curve::add(double loss, double seconds) {
  const Index number = bucket_of(++steps_);
  if (number == std::ssize(buckets_)) buckets_.push_back({});
  Bucket& bucket = buckets_.back();
  bucket.mean += (loss - bucket.mean) / static_cast<double>(steps_ - number * bucket_);
  bucket.seconds = static_cast<float>(seconds);

  const Point point = {steps_, static_cast<float>(loss)};
  const auto first = std::ranges::find_if(
      points_.end() - std::min<std::ptrdiff_t>(2, std::ssize(points_)), points_.end(),
      [this, number](const Point& before) { return bucket_of(before.step) == number; });
  if (points_.end() - first == 2) {
    const auto [low, high] = std::ranges::minmax_element(first, points_.end(), {}, &Point::loss);
    if (low->loss <= point.loss && point.loss <= high->loss) return;
    points_.erase(point.loss < low->loss ? low : high);
  }
  points_.push_back(point);
}

bool Curve::is_consistent() const {
  if (std::ssize(buckets_) != (steps_ == 0 ? 0 : bucket_of(steps_) + 1)) return false;
  std::vector<int> points(buckets_.size());
  Index before = 0;
  for (const Point& point : points_) {
    if (point.step <= before || point.step > steps_) return false;
    before = point.step;
    ++points[static_cast<std::size_t>(bucket_of(point.step))];
  }
  return std::ranges::all_of(points, [](int count) { return count == 1 || count == 2; });
}

}  // namespace muonlab::app
