#include "apps/page/out.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "core/files.h"

namespace muonlab::app {

void add_out(CLI::App& app, std::filesystem::path& out) {
  const auto take = [&out](const std::string& name) {
    check(!name.empty(), "--out: a folder's name is needed");
    out = name;
  };
  app.add_option_function<std::string>(
         "--out", take, "Write report.html, a page that shows this, into this folder")
      ->type_name("DIR");
}

void write_page(const std::filesystem::path& out, const std::string& page) {
  const std::filesystem::path file = out / "report.html";
  files::replace(file, page);
  fmt::print("\n{}\n", file.string());
}

}  // namespace muonlab::app
