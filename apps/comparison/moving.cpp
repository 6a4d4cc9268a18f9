#include "apps/comparison/moving.h"

#include <algorithm>
#include <system_error>

#include "apps/comparison/record.h"
#include "apps/comparison/terminal.h"

namespace muonlab::app {
namespace {

namespace fs = std::filesystem;

/// Where the path begins in a word that has one, else 0.
std::size_t path_in(const std::string& word) {
  const bool has_path = word.starts_with("--data=") || word.starts_with("--out=");
  return has_path ? word.find('=') + 1 : 0;
}

/// The way from `folder` to `path`, all links followed; empty when it leads out of the folder.
fs::path way_to(const fs::path& path, const fs::path& folder) {
  std::error_code problem;
  const fs::path end = fs::weakly_canonical(fs::absolute(path), problem);
  if (problem) return {};
  const fs::path start = fs::weakly_canonical(fs::absolute(folder), problem);
  if (problem) return {};
  fs::path way = end.lexically_relative(start);
  return way.empty() || *way.begin() == ".." ? fs::path() : way;
}

bool holds_results(const fs::path& out) {
  const auto names = {"results.json", "metrics.csv", "report.html", "telemetry.jsonl"};
  return std::ranges::any_of(names, [&out](const char* name) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(out / name, ignored));
  });
}

bool holds_results_of(const fs::path& out, const std::string& app, const Arguments& arguments) {
  try {
    const Record record = read_record(out / "results.json");
    return record.app == app && record.recipe == arguments.recipe;
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
  return word.substr(0, at) + (way.empty() ? fs::absolute(path) : way).string();
}

std::string found_word(const std::string& word, const fs::path& folder) {
  const std::size_t at = path_in(word);
  const fs::path path = word.substr(at);
  if (at == 0 || path.empty() || path.is_absolute()) return word;
  return word.substr(0, at) + (path == "." ? folder : folder / path).string();
}

void check_own(const Arguments& arguments, const std::string& app, const Checkpoint& checkpoint) {
  const fs::path& out = arguments.out;
  if (out.empty() || holds_results_of(out, app, arguments)) return;
  const bool is_beside = !way_to(out, checkpoint.file.parent_path()).empty();
  check(is_beside && !holds_results(out), checkpoint.file.string(), ": would write into ",
        out.string(),
        ", where the results of its comparison are not; to write there nevertheless: ", "--out ",
        quoted(out.string()));
}

}  // namespace muonlab::app
