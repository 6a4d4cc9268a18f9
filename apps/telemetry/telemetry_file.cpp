#include "apps/telemetry/telemetry_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <span>

#include "apps/kit/parse.h"
#include "apps/telemetry/observation_json.h"
#include "muonlab/core/error.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

constexpr std::size_t max_line = 16'000'000;  // about 240 matrices of 2048 rows and columns

/// Calls take(line, number) for each line of a file that ends in a newline, numbered from 1 and
/// without the newline, until take() returns false.
template <class Take>
void each_line(const std::filesystem::path& path, const Take& take) {
  files::Reader file(path);
  std::string line;
  Index number = 1;
  std::string piece;
  while (file.remaining() > 0) {
    piece.resize(static_cast<std::size_t>(std::min<Index>(file.remaining(), 1 << 20)));
    file.read(std::as_writable_bytes(std::span(piece)));
    for (std::size_t from = 0; from < piece.size();) {
      const std::size_t end = piece.find('\n', from);
      line.append(piece, from, end - from);
      check(line.size() <= max_line, file.name(), ':', number, ": not an observation, longer than ",
            max_line, " bytes");
      if (end == std::string::npos) break;
      if (!take(line, number++)) return;
      line.clear();
      from = end + 1;
    }
  }
}

bool is_first_line(const std::string& line, const std::string& name, const Recipe& recipe) {
  const Json json = parse(line, name, "the recipe of a comparison");
  Recipe words;
  Fields(json, name).at("recipe").each([&words](const Fields& word) {
    words.push_back(word.text());
  });
  return words == recipe;
}

}  // namespace

std::string first_line(const Recipe& recipe) { return Json{{"recipe", recipe}}.dump(); }

void read_telemetry(
    const std::filesystem::path& file, const Recipe& recipe,
    const std::function<void(const std::string& line, const Observation& observation)>& take) {
  std::map<RunName, Index> last_steps;
  each_line(file, [&](const std::string& line, Index number) {
    const std::string name = fmt::format("{}:{}", file.string(), number);
    if (number == 1) return is_first_line(line, name, recipe);
    const Json json = parse(line, name, "an observation");
    const Fields fields(json, name);
    const Observation observation = to_observation(fields);
    Index& last = last_steps[observation.run()];
    fields.at("step").check_is(observation.step > last, fmt::format("more than {}", last));
    last = observation.step;
    take(line, observation);
    return true;
  });
}

Spectra read_spectra(const std::filesystem::path& file, const Record& record) {
  std::set<RunName> known;
  for (const Run& run : record.runs) known.insert({run.optimizer, run.seed});
  Spectra spectra;
  read_telemetry(file, record.recipe, [&](const std::string&, const Observation& observation) {
    if (known.contains(observation.run())) spectra.add(observation);
  });
  return spectra;
}

}  // namespace muonlab::app
