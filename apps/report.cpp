// Makes one page, report.html, of the results that comparisons left in folders.

#include "apps/report/report.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "apps/keeping/record.h"
#include "apps/kit/main.h"
#include "apps/kit/options.h"
#include "apps/telemetry/telemetry_file.h"
#include "muonlab/core/error.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

namespace fs = std::filesystem;

struct Report {
  fs::path file;
  std::string page;
};

/// The absolute path, the same for "a", "./a" and "a/".
fs::path normal(const fs::path& folder) {
  return (fs::absolute(folder) / "").lexically_normal().parent_path();
}

/// The folder's own name, or its path as given when another folder has the same name.
std::string label_of(const fs::path& folder, const std::vector<fs::path>& folders) {
  const auto name = [](const fs::path& path) { return normal(path).filename().string(); };
  const auto same = std::ranges::count(folders, name(folder), name);
  return same == 1 ? name(folder) : folder.string();
}

Report prepare(int argc, char** argv) {
  std::vector<fs::path> folders;
  fs::path out = "report.html";
  CLI::App line(
      "Shows what comparisons found, those of several folders side by side, in one page that needs "
      "no network. A single folder's page is there already: --out DIR writes it.",
      "report");
  line.add_option("DIR", folders, "Folders that --out DIR of mnist_compare or cifar_compare wrote")
      ->type_name("")
      ->required();
  line.add_option("--out", out, "The page; unless told, report.html here")->type_name("FILE");
  line.footer("Example:\n  report results/batch64 results/batch512 --out batches.html\n");
  parse(line, Words(argv + 1, argv + argc));

  std::vector<Json> comparisons;
  for (const fs::path& folder : folders) {
    check(std::ranges::count(folders, normal(folder), normal) == 1, folder.string(),
          ": is named more than once");
    check(!fs::exists(folder / "report.html") || fs::exists(folder / "results.json"),
          folder.string(), ": is no comparison's, and has a page of its own, report.html");
    const Record record = read_record(folder / "results.json");
    Json json = to_json(record, record.runs);
    json["label"] = label_of(folder, folders);
    const fs::path telemetry = folder / "telemetry.jsonl";
    if (fs::exists(telemetry)) {
      const Spectra spectra = read_spectra(telemetry, record);
      if (!spectra.empty()) json["telemetry"] = spectra.json(folders.size());
    }
    comparisons.push_back(std::move(json));
  }
  return {out, report(comparisons)};
}

int save(const Report& report) {
  files::replace(report.file, report.page);
  fmt::print("{}\n", report.file.string());
  return 0;
}

}  // namespace
}  // namespace muonlab::app

int main(int argc, char** argv) {
  using namespace muonlab::app;
  return run_app([&] { return prepare(argc, argv); }, save);
}
