#pragma once

#include "apps/kit/fields.h"
#include "apps/training/run.h"

namespace muonlab::app {

/// A number with no more digits than it takes to have the same float again.
Json shortest(float value);

/// A run as results.json and checkpoints hold it. Numbers keep their bits. A curve is {"bucket",
/// "steps", "point_steps", "point_losses", "means", "seconds"}: the size of its buckets, the steps
/// done, a list of each field of its points, and of its buckets.
Json to_json(const Run& run);

/// The run that to_json() wrote. Throws when `fields` cannot be one, epochs beyond `max_epochs`
/// included.
Run to_run(const Fields& fields, int max_epochs);

}  // namespace muonlab::app
