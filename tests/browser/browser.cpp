#include "tests/browser/browser.h"

#include <cstdlib>
#include <fmt/format.h>
#include <set>
#include <sstream>

namespace muonlab::test {
namespace {

/// All that stand between `before` and the `after` that follows, in order.
std::vector<std::string> all_between(const std::string& text, const std::string& before,
                                     const std::string& after) {
  std::vector<std::string> found;
  for (std::size_t at = 0; (at = text.find(before, at)) != std::string::npos;) {
    at += before.size();
    found.push_back(text.substr(at, text.find(after, at) - at));
  }
  return found;
}

}  // namespace

std::string browser() {
  for (std::string name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0) return name;
  }
  return "";
}

Opened open_page(const Folder& folder, const std::string& page) {
  // A proxy that is not there takes the place of a network. The sandbox cannot be had as root.
  const std::string command = fmt::format(
      "cd '{0}' && HOME='{0}' timeout 120 {1} --headless --no-sandbox --disable-gpu "
      "--disable-dev-shm-usage --proxy-server=127.0.0.1:1 --window-size=1280,2000 "
      "--virtual-time-budget=10000 --enable-logging=stderr --dump-dom 'file://{0}/{2}' >dom 2>log",
      folder.path.string(), browser(), page);
  if (std::system(command.c_str()) != 0) return {};
  Opened opened = {.dom = folder.read("dom"), .console = ""};
  std::istringstream lines(folder.read("log"));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(":CONSOLE") != std::string::npos) opened.console += line + '\n';
  }
  return opened;
}

int marks(const std::string& dom, const std::string& id) {
  const std::vector<std::string> figures =
      all_between(dom, "<figure id=\"" + id + '"', "</figure>");
  if (figures.size() != 1) return 0;
  std::set<std::string> colors;
  for (const std::string& color : all_between(figures.front(), "data-color=\"", "\"")) {
    colors.insert(color);
  }
  int count = 0;
  for (const std::string& path : all_between(figures.front(), "<path ", ">")) {
    for (const std::string& color : colors) {
      if (path.find("=\"" + color + '"') == std::string::npos) continue;
      ++count;
      break;
    }
  }
  return count;
}

}  // namespace muonlab::test
