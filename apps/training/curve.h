#pragma once

#include <vector>

#include "muonlab/core/shape.h"

namespace muonlab::app {

/// The losses of a run's steps, thinned: the steps are cut into buckets of the same size, of each
/// of which stay the lowest and the highest loss where they were, the mean, and when it ended. With
/// buckets of one step nothing is lost.
class Curve {
 public:
  struct Point {
    Index step;  // from 1
    float loss;
  };
  struct Bucket {
    double mean;    // of its losses
    float seconds;  // of training, from the run's beginning to the bucket's end
  };

  /// Of `all` steps, in as many buckets as `limit` points allow, two each. Both at least 1.
  Curve(Index all, Index limit);

  /// As it was stored. The members are not checked; is_consistent() does.
  Curve(Index bucket, Index steps, std::vector<Point> points, std::vector<Bucket> buckets);

  /// The next step's loss, and the training seconds from the run's beginning to its end.
  void add(double loss, double seconds);

  Index bucket() const { return bucket_; }  // steps in each, the last may have fewer
  Index steps() const { return steps_; }    // that were added
  const std::vector<Point>& points() const { return points_; }
  const std::vector<Bucket>& buckets() const { return buckets_; }

  /// Whether add() can have made it: one or two points in every bucket, in order.
  bool is_consistent() const;

 private:
  Index bucket_of(Index step) const { return (step - 1) / bucket_; }

  Index bucket_;
  Index steps_ = 0;
  std::vector<Point> points_;
  std::vector<Bucket> buckets_;
};

}  // namespace muonlab::app
