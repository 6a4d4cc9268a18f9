#pragma once

#include "apps/kit/fields.h"
#include "apps/telemetry/observation.h"

namespace muonlab::app {

/// As a line of telemetry.jsonl has it:
///
///     {"optimizer", "seed", "step", "seconds", "matrices": [{"parameter", "shape": [rows,
///     columns], "weight_norm", "update_ratio", "gradient": {"effective_rank",
///     "distance_from_orthogonality", "singular_values"}, "momentum", "update"}]}
///
/// Numbers have `digits`. Of more than `most_values` singular values, 2 or more, only so many are
/// written: the largest, the smallest, and those at equal distances between, by their number. What
/// does not exist, such as the distance of a matrix of zeros, is null; a momentum that is not kept
/// is absent.
Json to_json(const Observation& observation, Index most_values, int digits);

/// What to_json() wrote with all singular values; what follows from them is not read. Throws when
/// `fields` cannot be that.
Observation to_observation(const Fields& fields);

}  // namespace muonlab::app
