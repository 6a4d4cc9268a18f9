#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/comparison/comparison.h"
#include "apps/telemetry/observation.h"
#include "apps/telemetry/spectra.h"

namespace muonlab::app {

/// Calls take(line, observation) for each line of a telemetry.jsonl that may come from anywhere, in
/// order; `line` is without its end. A last line that has no end is left out: whoever wrote it was
/// killed, or the disk was full. Throws, naming the file and the line, when a line cannot be an
/// observation, or is not after the one before it of the same run.
void read_telemetry(
    const std::filesystem::path& file,
    const std::function<void(const std::string& line, const Observation& observation)>& take);

/// What a page shows of a telemetry.jsonl: of those of its runs that `runs` names.
Spectra read_spectra(const std::filesystem::path& file, const std::vector<Run>& runs);

}  // namespace muonlab::app
