#include "apps/page/out.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "muonlab/core/error.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

std::filesystem::path page_in(const std::filesystem::path& out) { return out / "report.html"; }

}  // namespace

void add_out(CLI::App& app, std::filesystem::path& out) {
  app.add_option("--out", out, "Write report.html, a page that shows this, into this folder")
      ->type_name("DIR");
}

void check_free_of(const std::filesystem::path& out, std::initializer_list<const char*> files) {
  for (const char* file : files) {
    std::error_code ignored;
    check(!std::filesystem::exists(out / file, ignored), "--out: ", out.string(), " has the ", file,
          " of another app, whose page would be lost; another folder is needed");
  }
}

void check_writable(const std::filesystem::path& out) {
  if (out.empty()) return;
  check_free_of(out, {"results.json", "sweep.json"});
  files::Replacement(page_in(out));  // without commit() it only tries
}

void write_page(const std::filesystem::path& out, const std::string& page) {
  const std::filesystem::path file = page_in(out);
  files::replace(file, page);
  fmt::print("\n{}\n", file.string());
}

}  // namespace muonlab::app
