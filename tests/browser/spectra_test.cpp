// Opens the page of a comparison that was observed, and uses its controls.
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"
#include "tests/browser/browser.h"

namespace muonlab::test {
namespace {

/// The page of three optimizers with two seeds, of which steps 1, 5, 10, 15 and 20 were observed.
const Folder& observed() {
  static const Folder folder;
  static const Outcome run = run_app(folder, MUONLAB_MNIST_COMPARE,
                                     mini +
                                         "--optimizers muon,adamw,sgd --epochs 2 --batch-size 1000 "
                                         "--seeds 2 --telemetry 5 --out out");
  REQUIRE(run.status == 0);
  return folder;
}

/// The DOM of the page when `script` has run after its own; checks that nothing went wrong.
std::string dom_after(const std::string& script) {
  std::string page = observed().read("out/report.html");
  page.insert(page.rfind("</body>"), "<script>" + script + "</script>");
  observed().write("page.html", page);
  const Opened opened = open_page(observed(), "page.html");
  CHECK(opened.console == "");
  return opened.dom;
}

/// The title of the figure `id`.
std::string title_of(const std::string& dom, const std::string& id) {
  const std::size_t figure = dom.find("<figure id=\"" + id + '"');
  if (figure == std::string::npos) return "no such figure";
  const std::size_t from = dom.find("<h2>", figure) + 4;
  return dom.substr(from, dom.find("</h2>", from) - from);
}

/// How many times `mark` stands in the figure `id`.
int count_in(const std::string& dom, const std::string& id, const std::string& mark) {
  const std::size_t begin = dom.find("<figure id=\"" + id + '"');
  const std::size_t end = dom.find("</figure>", begin);
  int count = 0;
  for (std::size_t at = begin; (at = dom.find(mark, at + 1)) < end;) ++count;
  return count;
}

/// Presses the button of this text.
std::string press(const std::string& text) {
  return fmt::format(
      "[...document.querySelectorAll('.choice button')].find(b => "
      "b.textContent.startsWith('{}')).click();",
      text);
}

TEST_CASE("every chart of telemetry has its marks, and titles say what they show") {
  const std::string dom = dom_after("");
  for (const char* id : {"rank-by-step", "orthogonality", "update-ratio", "weight-norm"}) {
    CAPTURE(id);
    CHECK(marks(dom, id) == 3 * (2 + 1));  // two seeds and their mean
    CHECK(count_in(dom, id, "NaN") == 0);
  }
  CHECK(marks(dom, "spectrum") == 3 * 2);  // update and gradient
  CHECK(count_in(dom, "spectra-by-step", "<path ") >= 5 * 32);
  CHECK(title_of(dom, "rank-by-step").starts_with("muon's updates use "));
  CHECK(title_of(dom, "rank-by-step").find("of the directions of fc1.weight, adamw's ") !=
        std::string::npos);
  CHECK(title_of(dom, "spectrum").starts_with("Step 20: muon's middle singular value is "));
  CHECK(title_of(dom, "orthogonality").starts_with("muon's updates of fc1.weight are "));
  CHECK(dom.find("5 steps were observed.") != std::string::npos);
}

TEST_CASE("controls choose the matrix, what it is, the step and the optimizer") {
  const std::string dom = dom_after(press("head.weight") + press("momenta") + press("sgd") + R"(
      const slider = document.querySelector('.choice input');
      slider.value = 0;
      slider.dispatchEvent(new Event('input'));)");
  CHECK(marks(dom, "rank-by-step") == 2 * (2 + 1));  // plain gradient descent keeps none
  CHECK(title_of(dom, "rank-by-step").find("momenta use ") != std::string::npos);
  CHECK(title_of(dom, "rank-by-step").find("of the directions of head.weight") !=
        std::string::npos);
  CHECK(title_of(dom, "spectrum").starts_with("Step 1: "));
  CHECK(title_of(dom, "spectra-by-step").starts_with("sgd: "));
  CHECK(count_in(dom, "spectra-by-step", "<path ") < 5 * 32);  // of ten singular values
  CHECK(title_of(dom, "weight-norm").find("head.weight") != std::string::npos);
}

TEST_CASE("pointing at a chart of telemetry shows its values") {
  const std::string dom = dom_after(R"(
      for (const id of ['rank-by-step', 'spectrum', 'spectra-by-step', 'orthogonality']) {
        const chart = echarts.getInstanceByDom(document.querySelector(`#${id} .plot`));
        chart.dispatchAction(id === 'spectra-by-step' ? {type: 'showTip', seriesIndex: 0, dataIndex: 40}
                                                      : {type: 'showTip', x: 200, y: 100});
      })");
  for (const char* id : {"rank-by-step", "spectrum", "spectra-by-step", "orthogonality"}) {
    CAPTURE(id);
    CHECK(count_in(dom, id, "<div class=\"tip\">") == 1);
  }
  CHECK(dom.find("% of them are larger") != std::string::npos);
}

TEST_CASE("a comparison that was not observed has no such charts beside one that was") {
  const Folder& folder = observed();
  REQUIRE(run_shell(folder, "mkdir -p plain && cp out/results.json plain").status == 0);
  REQUIRE(run_app(folder, MUONLAB_REPORT, "plain --out plain.html").status == 0);
  const Opened plain = open_page(folder, "plain.html");
  CHECK(plain.console == "");
  CHECK(plain.dom.find("id=\"spectra\"") == std::string::npos);
  CHECK(marks(plain.dom, "accuracy") > 0);
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out plain --out both.html").status == 0);
  const Opened both = open_page(folder, "both.html");
  CHECK(both.console == "");
  CHECK(marks(both.dom, "rank-by-step") == 3 * (2 + 1));
}

}  // namespace
}  // namespace muonlab::test
