// Opens the page of a sweep in a browser and counts what is drawn.
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"
#include "tests/browser/browser.h"

namespace muonlab::test {
namespace {

using Json = nlohmann::ordered_json;

/// 2 optimizers, 2 batch sizes, 3 rates; of sgd's the highest diverges.
const std::string start =
    "mnist " + mini +
    "--batch-sizes 1000,3000 --optimizers muon,sgd --rates muon=0.01,0.03,0.1 sgd=0.1,1,1e30 "
    "--out out ";

TEST_CASE("every chart of a sweep has its marks, and nothing goes wrong") {
  const Folder folder;
  REQUIRE(run_app(folder, MUONLAB_SWEEP, start + "--seeds 2").status == 0);
  const std::string dom = open_clean(folder, "out/report.html").dom;
  CHECK(marks(dom, "heat-muon") == 6);  // a cell for each rate and batch size
  CHECK(marks(dom, "heat-sgd") == 6);
  CHECK(marks(dom, "rates-1000") ==
        2 + 3 + 2);  // lines, and a circle for each that did not diverge
  CHECK(marks(dom, "rates-3000") == 2 + 3 + 2);
  CHECK(marks(dom, "loss-by-batch") == 2 * (1 + 2));
  CHECK(marks(dom, "time-by-batch") == 2 * (1 + 2));
  for (const char* text :
       {"The best rates", "Diverged: sgd at 1e+30", ">diverged</text>", "Means over the seeds",
        "./muonlab sweep mnist --optimizers=muon,sgd --batch-sizes=1000,3000",
        "./muonlab mnist_compare --optimizers muon,sgd --batch-size 1000", "dd>muonlab "}) {
    CAPTURE(text);
    CHECK(dom.find(text) != std::string::npos);
  }
}

TEST_CASE("the page of a sweep with holes, or without an end, is a page") {
  const Folder folder;
  REQUIRE(run_app(folder, MUONLAB_SWEEP, start).status == 0);
  Json json = Json::parse(folder.read("out/sweep.json"));
  const Json all = json["cells"];
  json["cells"] = {all[0], all[11]};
  folder.write("out/sweep.json", json.dump());
  const std::string one =
      "mnist " + mini + "--batch-sizes 3000 --optimizers sgd --rates sgd=1e30 --out ";
  REQUIRE(run_app(folder, MUONLAB_SWEEP, one + "out").status == 0);
  const std::string dom = open_clean(folder, "out/report.html").dom;
  CHECK(marks(dom, "heat-sgd") == 1);
  CHECK(dom.find("sgd diverged at every rate") != std::string::npos);
  REQUIRE(run_shell(folder, "rm -r out").status == 0);
  REQUIRE(run_app(folder, MUONLAB_SWEEP, one + "out").status == 0);
  CHECK(open_clean(folder, "out/report.html").dom.find("Training diverged at every rate tried.") !=
        std::string::npos);
}

TEST_CASE("charts of a sweep say where all diverged, and show losses beyond guessing") {
  const Folder folder;
  const std::string words = "mnist " + mini +
                            "--batch-sizes 1000,3000 --optimizers muon,sgd "
                            "--rates muon=0.02,0.03,0.05 sgd=0.02,0.03 --out out";
  REQUIRE(run_app(folder, MUONLAB_SWEEP, words).status == 0);
  Json json = Json::parse(folder.read("out/sweep.json"));
  json["versions"] = {"0.0.1"};
  for (Json& cell : json["cells"]) {
    const double lr = cell["lr"].get<double>();
    if (cell["batch_size"] == 3000) cell["validation_loss"] = lr < 0.04 ? 50 + lr : 500;
    if (cell["batch_size"] == 1000 && cell["optimizer"] == "sgd") cell["diverged"] = "step 1";
  }
  folder.write("out/sweep.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_SWEEP, words).status == 0);  // draws anew
  const std::string dom = open_clean(folder, "out/report.html").dom;
  CHECK(has(dom,
            "sgd: rate 0.02 is best at batch size 3000; every rate diverged at batch size 1000"));
  CHECK(has(dom, "dd>muonlab 0.0.1, " MUONLAB_VERSION "<"));
  const auto figure = [&dom](const std::string& id) {
    const std::size_t from = dom.find("<figure id=\"" + id + '"');
    REQUIRE(from != std::string::npos);
    return dom.substr(from, dom.find("</figure>", from) - from);
  };
  CHECK(has(figure("rates-3000"), "Above the axis: muon at 0.05."));
  CHECK(marks(dom, "rates-3000") == 2 * (1 + 2));  // lines of two circles
  CHECK(has(figure("rates-3000"), ">0.02</text>"));
  for (const char* label : {">0.02</text>", ">0.03</text>", ">0.05</text>"}) {
    CAPTURE(label);
    CHECK(has(figure("rates-1000"), label));
  }
}

}  // namespace
}  // namespace muonlab::test
