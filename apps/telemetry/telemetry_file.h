#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/keeping/record.h"
#include "apps/telemetry/observation.h"
#include "apps/telemetry/spectra.h"

/// The file telemetry.jsonl: its first line is {"recipe"}, which tells the comparison; each other
/// line is an observation, as observation_json.h describes it.
namespace muonlab::app {

/// The words of a comparison's recipe, as Arguments and results.json have them.
using Recipe = std::vector<std::string>;

/// The first line, without the newline.
std::string first_line(const Recipe& recipe);

/// Calls take(line, observation) for each observation in a file that may come from anywhere, in
/// order; `line` has no newline. A file with another recipe has no observations for this one. A
/// last line without a newline is left out, because its writer was killed or the disk was full.
/// Throws, naming the file and the line, when a line is not an observation, or when its step is not
/// above that of the same run's observation before it.
void read_telemetry(
    const std::filesystem::path& file, const Recipe& recipe,
    const std::function<void(const std::string& line, const Observation& observation)>& take);

/// What a page shows of a comparison's telemetry.jsonl: the observations of the runs in `record`.
Spectra read_spectra(const std::filesystem::path& file, const Record& record);

}  // namespace muonlab::app
