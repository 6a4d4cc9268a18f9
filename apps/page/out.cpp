#include "apps/page/out.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "core/files.h"

namespace muonlab::app {
namespace {

std::filesystem::path page_in(const std::filesystem::path& out) { return out / "report.html"; }

}  // namespace

void add_out(CLI::App& app, std::filesystem::path& out) {
  const auto take = [&out](const std::string& name) {
    check(!name.empty(), "--out: a folder's name is needed");
    out = name;
  };
  app.add_option_function<std::string>(
         "--out", take, "Write report.html, a page that shows this, into this folder")
      ->type_name("DIR");
}

void check_writable(const std::filesystem::path& out) {
  if (!out.empty()) files::Replacement(page_in(out));  // is not committed
}

void write_page(const std::filesystem::path& out, const std::string& page) {
  const std::filesystem::path file = page_in(out);
  files::replace(file, page);
  fmt::print("\n{}\n", file.string());
}

}  // namespace muonlab::app
