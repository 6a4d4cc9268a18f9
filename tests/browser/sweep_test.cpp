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
  CHECK(open_clean(folder, "out/report.html").dom.find("No training has come to an end") != std::string::npos);
}

}  // namespace
}  // namespace muonlab::test
