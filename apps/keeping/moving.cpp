#include "apps/keeping/moving.h"

#include <algorithm>
#include <system_error>

#include "apps/keeping/record.h"
#include "apps/kit/terminal.h"

namespace muonlab::app {
namespace {

namespace fs = std::filesystem;

/// Where the path begins in a word --data=PATH or --out=PATH; 0 for other words.
std::size_t path_in(const std::string& word) {
  const bool has_path = word.starts_with("--data=") || word.starts_with("--out=");
  return has_path ? word.find('=') + 1 : 0;
}

/// The relative path from `folder` to `path`, all links followed; empty when that fails.
fs::path way_to(const fs::path& path, const fs::path& folder) {
  std::error_code problem;
  const fs::path end = fs::weakly_canonical(fs::absolute(path), problem);
  if (problem) return {};
  const fs::path start = fs::weakly_canonical(fs::absolute(folder), problem);
  if (problem) return {};
  return end.lexically_relative(start);
}

bool leads_out(const fs::path& way) { return way.empty() || *way.begin() == ".."; }

bool holds_results(const fs::path& out) {
  const auto names = {"results.json", "metrics.csv", "report.html", "telemetry.jsonl"};
  return std::ranges::any_of(names, [&out](const char* name) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(out / name, ignored));
  });
}

bool holds_results_of(const fs::path& out, const std::string& id) {
  try {
    return !id.empty() && read_record(out / "results.json").id == id;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string stored_word(const std::string& word, const fs::path& folder) {
  const std::size_t at = path_in(word);
  if (at == 0) return word;
  const fs::path path = word.substr(at);
  const fs::path way = way_to(path, folder);
  const bool is_near = word.starts_with("--out=") ? !way.empty() : !leads_out(way);
  return word.substr(0, at) + (is_near ? way : fs::absolute(path)).string();
}

std::string found_word(const std::string& word, const fs::path& folder) {
  const std::size_t at = path_in(word);
  const fs::path path = word.substr(at);
  if (at == 0 || path.empty() || path.is_absolute()) return word;
  fs::path there = path == "." ? folder : folder / path;
  std::error_code ignored;
  if (leads_out(path)) there = fs::weakly_canonical(fs::absolute(there), ignored);
  return word.substr(0, at) + there.string();
}

void find_own_out(Arguments& arguments, const Checkpoint& checkpoint) {
  fs::path& out = arguments.out;
  if (out.empty() || holds_results_of(out, arguments.id)) return;
  if (!leads_out(way_to(out, checkpoint.file.parent_path())) && !holds_results(out)) return;
  const bool has_before = checkpoint.fields().has("out");
  const fs::path before = has_before ? checkpoint.fields().at("out").text() : "";
  check(has_before && holds_results_of(before, arguments.id), checkpoint.file.string(),
        ": would write into ", out.string(),
        ", where the results of its comparison are not; to write there nevertheless: ", "--out ",
        quoted(out.string()));
  out = before;
  for (std::string& word : arguments.running) {
    if (word.starts_with("--out=")) word = "--out=" + out.string();
  }
}

}  // namespace muonlab::app
