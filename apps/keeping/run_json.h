#pragma once

#include "apps/kit/fields.h"
#include "apps/training/run.h"

namespace muonlab::app {

/// `value` with the fewest digits from which the same float is read again.
Json shortest(float value);

/// A run as results.json and checkpoints hold it. Numbers are read again with the same bits. A
/// curve is {"bucket", "steps", "point_steps", "point_losses", "means", "seconds"}: the steps in a
/// bucket, the steps done, and a list for each field of its points and of its buckets.
Json to_json(const Run& run);

/// The run that to_json() wrote. Throws when `fields` is not a run, or has more than `max_epochs`
/// epochs.
Run to_run(const Fields& fields, int max_epochs);

}  // namespace muonlab::app
