#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/keeping/record.h"
#include "apps/telemetry/observation.h"
#include "apps/telemetry/spectra.h"

/// telemetry.jsonl: a first line {"recipe"}, which tells whose observations they are, and a line
/// for each of them, as observation_json.h describes it.
namespace muonlab::app {

/// The words of a comparison, as Arguments and results.json have them.
using Recipe = std::vector<std::string>;

/// The first line, without its end.
std::string first_line(const Recipe& recipe);

/// Calls take(line, observation) for each observation in a file that may come from anywhere, in
/// order; `line` is without its end. There are none in the file of a comparison of another recipe.
/// A last line that has no end is left out: whoever wrote it was killed, or the disk was full.
/// Throws, naming the file and the line, when a line cannot be what it should be, or is not after
/// the one before it of the same run.
void read_telemetry(
    const std::filesystem::path& file, const Recipe& recipe,
    const std::function<void(const std::string& line, const Observation& observation)>& take);

/// What a page shows of the telemetry.jsonl of a comparison: of those of its runs that `record`
/// has.
Spectra read_spectra(const std::filesystem::path& file, const Record& record);

}  // namespace muonlab::app
