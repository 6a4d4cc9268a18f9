// Runs report as a user does, on results that mnist_compare wrote, and on such that nobody wrote.
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

#include "apps/kit/sealed_json.h"
#include "apps/page/page.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

using Json = nlohmann::ordered_json;

const std::string report = MUONLAB_REPORT;

/// What the page's data element holds.
Json data_of(const std::string& page) {
  const std::string start = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(start) + start.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from));
}

/// A folder with results of a short run in DIR/first.
const Folder& results() {
  static const Folder folder;
  static const Outcome run = run_app(folder, MUONLAB_MNIST_COMPARE,
                                     mini +
                                         "--optimizers sgd,adamw --epochs 2 --batch-size 1000 "
                                         "--seeds 2 --out first");
  REQUIRE(run.status == 0);
  return folder;
}

TEST_CASE("nothing in the data of a page can end its script element") {
  const Json json = {{"</script><!--", "a \"<b>\" & \xE2\x80\xA8"}};
  CHECK(app::script_text(json) ==
        "{\"\\u003c/script>\\u003c!--\":\"a \\\"\\u003cb>\\\" & \xE2\x80\xA8\"}");
  CHECK(Json::parse(app::script_text(json)) == json);
  CHECK(app::script_text(Json("\xFF")) == "\"\xEF\xBF\xBD\"");  // not UTF-8
  const Json label = {{"label", "{{scripts}}</script>"}};
  const std::string page = app::page(label, {});
  CHECK(page.find("{{scripts}}</script>") == std::string::npos);
  CHECK(data_of(page) == label);
}

TEST_CASE("--out leaves a page that holds the curve of every run") {
  const Json data = data_of(results().read("first/report.html"));
  REQUIRE(data.size() == 1);
  CHECK(data[0]["label"] == "first");
  Json stored = Json::parse(results().read("first/results.json"));
  CHECK(stored["app"] == "mnist_compare");
  CHECK(stored["version"] == MUONLAB_VERSION);
  CHECK_FALSE(stored["processor"] == "");
  CHECK(stored["gpu"] == "");
  CHECK(stored["parameters"][0] == Json{{"parameter", "fc1.weight"},
                                        {"shape", "(256, 784)"},
                                        {"role", "hidden"},
                                        {"rules", {{"sgd", "sgd"}, {"adamw", "adamw"}}}});
  REQUIRE(stored["runs"].size() == 4);
  for (const auto& run : stored["runs"]) {
    const auto& curve = run["curve"];
    CHECK(curve["bucket"] == 1);
    CHECK(curve["steps"] == 20);
    CHECK(curve["point_steps"].size() == 20);
    double sum = 0;
    for (int i = 10; i < 20; ++i) sum += curve["point_losses"][i].get<double>();
    CHECK(sum / 10 == doctest::Approx(run["epochs"][1]["loss"].get<double>()).epsilon(1e-6));
    const double seconds = run["epochs"][0]["train_seconds"].get<double>() +
                           run["epochs"][1]["train_seconds"].get<double>();
    CHECK(curve["seconds"].back().get<double>() <= seconds * 1.000001);
    CHECK(curve["seconds"].back().get<double>() > seconds / 2);
  }
  stored["label"] = "first";
  CHECK(data[0] == stored);
}

TEST_CASE("no app takes the place of another's page") {
  const Folder folder;
  REQUIRE(run_shell(folder, "mkdir swept compared && touch swept/sweep.json compared/results.json")
              .status == 0);
  const auto message = [](const char* place, const char* file) {
    return fmt::format(
        "--out: {} has the {} of another app, whose page would be lost; another folder is needed",
        place, file);
  };
  check_refused(folder, MUONLAB_MNIST_COMPARE, mini + "--out swept",
                message("swept", "sweep.json"));
  check_refused(folder, MUONLAB_SWEEP, "mnist " + mini + "--out compared",
                message("compared", "results.json"));
  CHECK(run_app(folder, MUONLAB_MEMORY, "--out compared").error ==
        "error: " + message("compared", "results.json") + "\n");
}

TEST_CASE("report puts several folders into one page, where it is told to") {
  const Folder& folder = results();
  const Outcome copied = run_shell(folder,
                                   "mkdir -p other/first && cp first/results.json second.json"
                                   " && cp first/results.json other/first");
  REQUIRE(copied.status == 0);
  const Outcome run = run_app(folder, report, "first other/first --out pages/both.html");
  CHECK(run.error.empty());
  CHECK(run.status == 0);
  CHECK(run.out == "pages/both.html\n");
  const Json data = data_of(folder.read("pages/both.html"));
  REQUIRE(data.size() == 2);
  CHECK(data[0]["label"] == "first");
  CHECK(data[1]["label"] == "other/first");
  CHECK(data[1]["runs"] == data[0]["runs"]);
}

TEST_CASE("report refuses bad usage in one line") {
  const Folder& folder = results();
  check_refused(folder, report, "", "DIR is required (--help shows what there is)");
  check_refused(folder, report, "first first", "first: is named more than once");
  check_refused(folder, report, "first --out ''", "--out: a value is needed");
  check_refused(folder, report, "nowhere",
                "nowhere/results.json: cannot be read, No such file or directory");
}

TEST_CASE("report refuses results that cannot be, naming the file and the field") {
  const Json good = Json::parse(results().read("first/results.json"));
  const Folder folder;
  const auto check_text = [&folder](const std::string& text, const std::string& message) {
    folder.write("results.json", text);
    check_refused(folder, report, ".", "./results.json: " + message);
    CHECK(folder.names("").size() == 3);  // stdout, stderr; no page
  };
  const auto check_set = [&](const std::string& pointer, const Json& value,
                             const std::string& message) {
    Json json = good;
    json[Json::json_pointer(pointer)] = value;
    check_text(json.dump(), message);
  };
  check_text("", "not a comparison's results, not valid JSON");
  check_text("[1]", "not a comparison's results, not valid JSON");
  check_text("{\"runs\": [", "not a comparison's results, not valid JSON");
  check_text(std::string(100'000, '['), "not a comparison's results, nested too deep");
  check_text("{}", "protocol: is missing");
  check_set("/protocol", 5, "protocol: got 5, expected a text");
  check_set("/processor", "a\x1b[2J",
            "processor: got \"a\\u001b[2J\", expected a text on one line");
  check_set("/threads", 0, "threads: got 0, expected a whole number of at least 1");
  check_set("/recipe", "x", "recipe: got \"x\", expected a list");
  check_set("/runs", 7, "runs: got 7, expected a list");
  check_set("/runs/0", Json::array(), "runs[0]: got [], expected an object");
  check_set("/runs/1/epochs/0/test_accuracy", 2,
            "runs[1].epochs[0].test_accuracy: got 2, expected a number from 0 to 1");
  check_set("/runs/1/epochs/1/epoch", 9, "runs[1].epochs[1].epoch: got 9, expected 2");
  check_set("/runs/2/curve/steps", 3e9,
            "runs[2].curve.steps: got 3000000000.0, expected a whole "
            "number of at least 0");
  check_set("/parameters/0/rules/sgd", nullptr,
            "parameters[0].rules.sgd: got null, expected a text");
}

TEST_CASE("results of before curves and machines were written still make a page") {
  Json old = Json::parse(results().read("first/results.json"));
  for (const char* field : {"app", "version", "processor", "gpu", "products", "parameters"}) {
    old.erase(field);
  }
  for (auto& run : old["runs"]) run.erase("curve");
  const Folder folder;
  folder.write("results.json", old.dump());
  CHECK(run_app(folder, report, ". --out page.html").status == 0);
  CHECK(data_of(folder.read("page.html"))[0]["runs"] == old["runs"]);
}

/// The curve of the run that --resume kept writes into out.
Json resumed_curve(const Folder& folder) {
  REQUIRE(run_app(folder, MUONLAB_MNIST_COMPARE, "--resume kept").status == 0);
  return Json::parse(folder.read("out/results.json"))["runs"][0].value("curve", Json());
}

TEST_CASE("a run that is resumed keeps its curve; one of a checkpoint without curves has none") {
  const Folder folder;
  const std::string arguments =
      mini + "--optimizers sgd --epochs 2 --batch-size 1000 --every 7 --checkpoint kept --out out";
  REQUIRE(run_app(folder, MUONLAB_MNIST_COMPARE, arguments).status == 0);
  const Json whole = Json::parse(folder.read("out/results.json"))["runs"][0]["curve"];
  REQUIRE(folder.names("kept").back() == "000004.safetensors");
  REQUIRE(run_shell(folder, "rm kept/000004.*; cp -r kept before").status == 0);
  const Json resumed = resumed_curve(folder);  // from step 14
  for (const char* field : {"bucket", "steps", "point_steps", "point_losses", "means"}) {
    CHECK(resumed[field] == whole[field]);
  }

  REQUIRE(run_shell(folder, "rm -r kept; mv before kept").status == 0);
  Json json = Json::parse(folder.read("kept/000003.json"));
  CHECK(json["runs"][0]["curve"]["steps"] == 14);
  json.erase("crc32");
  json["runs"][0].erase("curve");
  folder.write("kept/000003.json", app::sealed(json.dump().substr(1)));
  CHECK(resumed_curve(folder).is_null());
}

}  // namespace
}  // namespace muonlab::test
