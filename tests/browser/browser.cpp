#include "tests/browser/browser.h"

#include <cstdlib>
#include <fmt/format.h>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"

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

Opened open_clean(const Folder& folder, const std::string& page) {
  Opened opened = open_page(folder, page);
  CHECK(opened.console == "");
  CHECK(opened.dom.find("</html>") != std::string::npos);
  return opened;
}

std::string page_of(const Folder& folder, const std::string& app, const std::string& arguments) {
  CAPTURE(arguments);
  REQUIRE(run_app(folder, app, arguments + " --out .").status == 0);
  return open_clean(folder, "report.html").dom;
}

std::string with_script(std::string page, const std::string& script) {
  return page.insert(page.rfind("</body>"), "<script>" + script + "</script>");
}

int tips_shown(const Folder& folder, const std::string& page) {
  folder.write("pointed.html", with_script(folder.read(page), R"(
      for (const plot of document.querySelectorAll('.plot')) {
        const chart = echarts.getInstanceByDom(plot);
        const seriesIndex = chart.getOption().series.length - 1;
        chart.dispatchAction({type: 'showTip', seriesIndex, dataIndex: 0});
      })"));
  return static_cast<int>(
      all_between(open_clean(folder, "pointed.html").dom, "<div class=\"tip\">", "</div>").size());
}

int charts(const std::string& dom) {
  return static_cast<int>(all_between(dom, "<figure id=\"", "\"").size());
}

int squares(const std::string& dom, const std::string& id) {
  int count = 0;
  for (const std::string& figure : all_between(dom, "<figure id=\"" + id + '"', "</figure>")) {
    count += static_cast<int>(all_between(figure, "Z\" fill=\"rgb(", ")").size());
  }
  return count;
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
