// Opens report.html in a browser and counts what is drawn.
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"
#include "tests/browser/browser.h"

namespace muonlab::test {
namespace {

using Json = nlohmann::ordered_json;

/// The page of a short run with two seeds.
void make_results(const Folder& folder, const std::string& more = "") {
  const Outcome run = run_app(folder, MUONLAB_MNIST_COMPARE,
                              mini +
                                  "--optimizers muon,sgd --epochs 2 --batch-size 1000 "
                                  "--seeds 2 --out out " +
                                  more);
  REQUIRE(run.status == 0);
}

/// What a reader sees: the page before its scripts.
std::string seen(const std::string& dom) { return dom.substr(0, dom.find("<script")); }

TEST_CASE("every chart of a report has its marks, and nothing goes wrong") {
  const Folder folder;
  make_results(folder, "--profile");
  const std::string dom = open_clean(folder, "out/report.html").dom;
  CHECK(marks(dom, "loss-by-step") == 2 * (2 + 1));       // two seeds and their mean, twice
  CHECK(marks(dom, "loss-by-seconds") == 2);              // the mean
  CHECK(marks(dom, "loss-by-epoch") == 2 * (2 + 1 + 2));  // also a circle for each epoch
  CHECK(marks(dom, "accuracy") == 2 * (2 + 1 + 2));
  CHECK(marks(dom, "time") >= 2 * 4);    // forward, backward, optimizer, other
  CHECK(marks(dom, "memory") >= 2 * 4);  // parameters, gradients, data set, activations
  CHECK(marks(dom, "nothing") == 0);
  for (const char* text : {"± ", "./muonlab mnist_compare --optimizers=muon,sgd", "fc1.weight",
                           "dd>muonlab ", "Who wins the wall clock"}) {
    CAPTURE(text);
    CHECK(dom.find(text) != std::string::npos);
  }
}

TEST_CASE("pointing at a chart shows its values, and a legend's entry hides what it names") {
  const Folder folder;
  make_results(folder, "--profile");
  const std::string page = folder.read("out/report.html");
  folder.write("point.html", with_script(page, R"(
      for (const plot of document.querySelectorAll('.plot')) {
        echarts.getInstanceByDom(plot).dispatchAction({type: 'showTip', x: 200, y: 100});
      })"));
  const std::string pointed = open_clean(folder, "point.html").dom;
  int tips = 0;
  for (std::size_t at = 0; (at = pointed.find("<div class=\"tip\">", at)) != std::string::npos;
       ++at) {
    ++tips;
  }
  CHECK(tips == 6);  // one a chart

  folder.write("hide.html", with_script(page, R"(
      document.querySelector('#accuracy .legend button').click();)"));
  const std::string hidden = open_clean(folder, "hide.html").dom;
  CHECK(marks(hidden, "accuracy") == 2 + 1 + 2);
  CHECK(marks(hidden, "loss-by-epoch") == 2 * (2 + 1 + 2));
}

TEST_CASE("a report of two folders, one without curves and profiles, has marks for both") {
  const Folder folder;
  make_results(folder);
  Json old = Json::parse(folder.read("out/results.json"));
  for (auto& run : old["runs"]) run.erase("curve");
  REQUIRE(run_shell(folder, "mkdir old").status == 0);
  folder.write("old/results.json", old.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out old --out both.html").status == 0);
  const std::string dom = open_clean(folder, "both.html").dom;
  CHECK(marks(dom, "loss-by-step") == 2 * (2 + 1));
  CHECK(marks(dom, "accuracy") == 4 * (2 + 1 + 2));
  CHECK(marks(dom, "time") == 2);
  CHECK(marks(dom, "memory") >= 4);
  CHECK(dom.find("sgd · old") != std::string::npos);
}

TEST_CASE("a page of runs that stopped or have not begun is a page") {
  const Folder folder;
  const Outcome run = run_app(folder, MUONLAB_MNIST_COMPARE,
                              mini + "--optimizers sgd --lr sgd=1e30 --epochs 1 --out out");
  REQUIRE(run.status == 1);
  CHECK(open_clean(folder, "out/report.html").dom.find("stopped at epoch 1") != std::string::npos);
  Json json = Json::parse(folder.read("out/results.json"));
  json["runs"] = Json::array();
  folder.write("out/results.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
  CHECK(open_clean(folder, "report.html").dom.find("How it was made") != std::string::npos);
}

TEST_CASE("a page of a comparison at work says how far it is, and calls no winner") {
  const Folder folder;
  make_results(folder);
  Json json = Json::parse(folder.read("out/results.json"));
  json["runs"].erase(3);
  json["runs"][1]["epochs"].erase(1);
  folder.write("out/results.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
  const std::string dom = open_clean(folder, "report.html").dom;
  CHECK(dom.find("1 (1 of 2 epochs)") != std::string::npos);
  CHECK(dom.find("these are the figures so far") != std::string::npos);
  CHECK(has(dom, "Who wins the wall clock, so far"));
  for (const char* text : {"last epoch has", "comes down", "gets ", "is done first"}) {
    CAPTURE(text);
    CHECK_FALSE(has(seen(dom), text));
  }
}

TEST_CASE("the loss by which titles and the table name a winner is the mean of the last epoch") {
  const Folder folder;
  make_results(folder);
  Json json = Json::parse(folder.read("out/results.json"));
  for (auto& run : json["runs"]) {  // sgd ends lower, after an epoch that was higher
    const bool is_muon = run["optimizer"] == "muon";
    run["epochs"].back()["loss"] = is_muon ? 0.25 : 0.5;
    for (auto& loss : run["curve"]["means"]) loss = is_muon ? 0.25 : 0.125;
  }
  folder.write("out/results.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
  const std::string dom = open_clean(folder, "report.html").dom;
  CHECK(has(dom, "muon has the lowest mean loss over the last epoch (0.250)"));
  CHECK(has(dom, "Loss by step: muon's last epoch has the lowest mean 0.250"));
  CHECK(has(dom, "Loss by epoch: muon comes down to 0.250"));
}

TEST_CASE("a report of results without test losses, as earlier versions wrote, has a dash there") {
  const Folder folder;
  make_results(folder);
  Json json = Json::parse(folder.read("out/results.json"));
  for (auto& run : json["runs"]) {
    for (auto& epoch : run["epochs"]) epoch.erase("test_loss");
  }
  folder.write("out/results.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
  CHECK(has(open_clean(folder, "report.html").dom, "<td>–</td>"));
  CHECK_FALSE(has(open_clean(folder, "out/report.html").dom, "<td>–</td>"));
}

TEST_CASE("a comparison with a tutorial's settings and data stands beside what was printed") {
  const Folder folder;
  make_results(folder);
  CHECK(marks(open_clean(folder, "out/report.html").dom, "published") == 0);
  Json json = Json::parse(folder.read("out/results.json"));
  json["data"] = "full";
  json["batch_size"] = 64;
  json["recipe"] = {"--epochs=3"};
  for (auto& run : json["runs"]) {
    run["epochs"].push_back(
        {{"epoch", 3}, {"loss", 0.045}, {"test_accuracy", 0.97}, {"train_seconds", 1}});
  }
  folder.write("out/results.json", json.dump());
  json["data"] = "60000 + 10000 images, checksum 1a2b3c4d";  // not those of MNIST
  REQUIRE(run_shell(folder, "mkdir other").status == 0);
  folder.write("other/results.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out other").status == 0);
  const std::string dom = open_clean(folder, "report.html").dom;
  CHECK(marks(dom, "published") == 2 * 2 * 2);  // a band and a dot, loss and accuracy
  CHECK(dom.find("Beside the tutorial's: 2 of 4 figures lie within their bands") !=
        std::string::npos);
  CHECK(dom.find("on mnist and mnist (60000 + 10000 images, checksum 1a2b3c4d)") !=
        std::string::npos);
  CHECK_FALSE(has(seen(dom), "at the end"));  // they are not ranked
}

TEST_CASE("a run that diverged wins nothing") {
  const Folder folder;
  REQUIRE(run_app(folder, MUONLAB_MNIST_COMPARE,
                  mini + "--optimizers sgd,adamw --lr sgd=1e30 --epochs 2 --batch-size 1000 "
                         "--out out")
              .status == 1);
  const std::string dom = open_clean(folder, "out/report.html").dom;
  CHECK(has(dom, "Loss by step: adamw's last epoch has the mean "));
  CHECK(has(dom, "Loss against time: "));
  CHECK_FALSE(has(seen(dom), "sgd is done"));
}

TEST_CASE("comparisons of different data are not ranked") {
  const Folder folder;
  make_results(folder);
  Json other = Json::parse(folder.read("out/results.json"));
  other["protocol"] = "constructor";  // which every object of JavaScript has
  REQUIRE(run_shell(folder, "mkdir other").status == 0);
  folder.write("other/results.json", other.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out other").status == 0);
  const std::string dom = open_clean(folder, "report.html").dom;
  CHECK(marks(dom, "accuracy") == 4 * (2 + 1 + 2));
  CHECK(has(dom, "How it was made"));
  CHECK_FALSE(has(seen(dom), "last epoch has"));
  CHECK_FALSE(has(seen(dom), "gets "));
}

TEST_CASE("texts of results stay texts") {
  const Folder folder;
  make_results(folder);
  const std::string attack = "</script><img src=x onerror=\"document.title='taken'\">";
  Json json = Json::parse(folder.read("out/results.json"));
  for (auto& run : json["runs"]) run["optimizer"] = attack;
  for (const char* field : {"app", "processor", "data", "protocol"}) json[field] = attack;
  json["recipe"] = {attack};
  json["parameters"][0]["rules"] = {{attack, attack}};
  folder.write("out/results.json", json.dump());
  REQUIRE(run_app(folder, MUONLAB_REPORT, "out").status == 0);
  const std::string dom = open_clean(folder, "report.html").dom;
  CHECK(marks(dom, "accuracy") > 0);
  CHECK(dom.find("<img src=x") == std::string::npos);
  CHECK(dom.find("<title>taken") == std::string::npos);
}

}  // namespace
}  // namespace muonlab::test
