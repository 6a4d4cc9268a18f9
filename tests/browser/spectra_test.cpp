// Opens the page of a comparison that was observed, and uses its controls.
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "muonlab/core/rng.h"
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
  observed().write("page.html", with_script(observed().read("out/report.html"), script));
  return open_clean(observed(), "page.html").dom;
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
  const std::string plain = open_clean(folder, "plain.html").dom;
  CHECK(!has(plain, "id=\"spectra\""));
  CHECK(marks(plain, "accuracy") > 0);
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out plain --out both.html").status == 0);
  CHECK(marks(open_clean(folder, "both.html").dom, "rank-by-step") == 3 * (2 + 1));
}

using Json = nlohmann::ordered_json;

/// DIR/out as observed() has it, with these observations; each is changed by change(line).
template <class Change>
void copy_with(const Folder& folder, const Change& change) {
  REQUIRE(run_shell(folder, "cp -r '" + observed().path.string() + "/out' .").status == 0);
  std::istringstream lines(folder.read("out/telemetry.jsonl"));
  std::string text;
  std::string line;
  while (std::getline(lines, line)) {
    Json json = Json::parse(line);
    if (json.contains("recipe") || change(json)) text += json.dump() + '\n';
  }
  folder.write("out/telemetry.jsonl", text);
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
}

TEST_CASE("the mean over seeds is one of the same steps") {
  const Folder folder;
  copy_with(folder, [](Json& line) {  // the second seed has one step less, and another norm
    const bool is_first = line["seed"] == 0;
    for (Json& matrix : line["matrices"]) matrix["weight_norm"] = line["step"];
    if (!is_first) line["matrices"][0]["weight_norm"] = line["step"].get<double>() + 2;
    return is_first || line["step"] != 5;
  });
  const std::string page = with_script(folder.read("report.html"), R"(
      chosen.parameter = 'fc1.weight';
      document.title = JSON.stringify(meanCourse(watched[0], 'weight_norm'));)");
  folder.write("page.html", page);
  const std::string dom = open_clean(folder, "page.html").dom;
  CHECK(has(dom, "<title>[[1,2],[10,11],[15,16],[20,21]]</title>"));
}

TEST_CASE("a step shows the spectra of the optimizers that came so far") {
  const Folder folder;
  copy_with(folder, [](Json& line) { return line["optimizer"] != "muon" || line["step"] < 15; });
  const auto dom_at = [&folder](const std::string& value) {
    folder.write("page.html", with_script(folder.read("report.html"), R"(
        const slider = document.querySelector('.choice input');
        slider.value = )" + value + R"(;
        slider.dispatchEvent(new Event('input'));)"));
    return open_clean(folder, "page.html").dom;
  };
  const std::string first = dom_at("slider.value");
  CHECK(title_of(first, "spectrum").starts_with("Step 10: muon's "));  // the last that all have
  CHECK(marks(first, "spectrum") == 3 * 2);
  const std::string end = dom_at("slider.max");
  CHECK(title_of(end, "spectrum").starts_with("Step 20: adamw's "));
  CHECK(marks(end, "spectrum") == 2 * 2);
}

TEST_CASE("a matrix that an optimizer does not have, or that stays zero, is not drawn of it") {
  const Folder folder;
  copy_with(folder, [](Json& line) {
    if (line["optimizer"] == "sgd") line["matrices"].erase(0);
    for (Json& matrix : line["matrices"]) {
      if (matrix["parameter"] != "head.weight") continue;
      matrix["weight_norm"] = 0;
      for (Json& value : matrix["update"]["singular_values"]) value = 0;
    }
    return true;
  });
  const auto dom_with = [&folder](const std::string& script) {
    folder.write("page.html", with_script(folder.read("report.html"), script));
    return open_clean(folder, "page.html").dom;
  };
  const std::string missing = dom_with(press("fc1.weight") + press("sgd"));
  CHECK(title_of(missing, "spectra-by-step") == "sgd: no spectra of fc1.weight's updates to draw");
  CHECK(marks(missing, "rank-by-step") == 2 * (2 + 1));
  const std::string zero = dom_with(press("head.weight"));
  CHECK(title_of(zero, "spectrum") == "Step 20: no spectra of head.weight's updates to draw");
  CHECK(title_of(zero, "update-ratio") == "All weights of head.weight are zero");
  CHECK(title_of(zero, "weight-norm").ends_with("head.weight keeps its norm of 0"));
  CHECK(marks(zero, "update-ratio") == 0);
}

/// What a run of 50,000 steps has in results.json, as long as it can be.
Json long_curve(Rng& rng) {
  Json curve = {{"bucket", 25}, {"steps", 50'000}};
  for (int i = 1; i <= 2000; ++i) {
    for (const int step : {25 * i - 20, 25 * i}) {
      curve["point_steps"].push_back(step);
      curve["point_losses"].push_back(rng.uniform());
    }
    curve["means"].push_back(rng.uniform());
    curve["seconds"].push_back(0.01 * i);
  }
  return curve;
}

/// A line of telemetry.jsonl with six matrices of 64 rows.
std::string random_line(const std::string& optimizer, int seed, int step, Rng& rng) {
  const auto spectrum = [&rng] {
    std::string values;
    for (int i = 64; i > 0; --i) {
      values += fmt::format("{}{:.7g}", values.empty() ? "" : ",",
                            static_cast<float>(i - 1) + rng.uniform());
    }
    return "{\"singular_values\":[" + values + "]}";
  };
  std::string matrices;
  for (int i = 0; i < 6; ++i) {
    matrices += fmt::format(
        "{}{{\"parameter\":\"w{}\",\"shape\":[64,576],\"weight_norm\":{},\"gradient\":{},"
        "\"momentum\":{},\"update\":{}}}",
        matrices.empty() ? "" : ",", i, 8 + rng.uniform(), spectrum(), spectrum(), spectrum());
  }
  return fmt::format(
      "{{\"optimizer\":\"{}\",\"seed\":{},\"step\":{},\"seconds\":0.05,\"matrices\":[{}]}}\n",
      optimizer, seed, step, matrices);
}

TEST_CASE("a page of runs of 50,000 steps, observed 500 times each, is below 5 MB") {
  const Folder folder;
  REQUIRE(run_shell(folder, "mkdir out").status == 0);
  Rng rng(0);
  Json results = Json::parse(observed().read("out/results.json"));
  std::string text = Json{{"recipe", results["recipe"]}}.dump() + '\n';
  results["runs"].erase(results["runs"].begin() + 4, results["runs"].end());
  for (Json& run : results["runs"]) {
    run["curve"] = long_curve(rng);
    for (int step = 100; step <= 50'000; step += 100) {
      text += random_line(run["optimizer"], run["seed"], step, rng);
    }
  }
  folder.write("out/results.json", results.dump());
  folder.write("out/telemetry.jsonl", text);
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
  CHECK(folder.read("report.html").size() < 5'000'000);
  const std::string dom = open_clean(folder, "report.html").dom;
  for (const char* id : {"loss-by-step", "rank-by-step", "spectrum", "orthogonality",
                         "update-ratio", "weight-norm"}) {
    CAPTURE(id);
    CHECK(marks(dom, id) > 0);
  }
  CHECK(squares(dom, "spectra-by-step") > 0);
  CHECK(has(dom, " of 500 observed steps are drawn"));
}

}  // namespace
}  // namespace muonlab::test
