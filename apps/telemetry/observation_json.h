#pragma once

#include "apps/kit/fields.h"
#include "apps/telemetry/observation.h"

namespace muonlab::app {

/// An observation as a line of telemetry.jsonl has it:
///
///     {"optimizer", "seed", "step", "seconds", "matrices": [{"parameter", "shape": [rows,
///     columns], "weight_norm", "update_ratio", "gradient": {"effective_rank",
///     "distance_from_orthogonality", "singular_values"}, "momentum", "update"}]}
///
/// Numbers of matrices are rounded to `digits` digits. At most `most_values` (at least 2) singular
/// values are written: the largest, the smallest, and others at equal distances in the list. A
/// number that does not exist, such as the distance of a matrix of zeros, is null; a momentum that
/// is not kept is absent.
Json to_json(const Observation& observation, Index most_values, int digits);

/// Reads what to_json() wrote with all singular values; numbers that follow from them are not read.
/// Throws when `fields` is not an observation.
Observation to_observation(const Fields& fields);

}  // namespace muonlab::app
