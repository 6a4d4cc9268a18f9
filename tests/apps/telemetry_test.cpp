// Runs mnist_compare with --telemetry, stops it and goes on, and reads files that nobody wrote.
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

using Json = nlohmann::ordered_json;
using Steps = std::vector<int>;

const std::string app = MUONLAB_MNIST_COMPARE;
const std::string report = MUONLAB_REPORT;

/// 16 steps of each.
const std::string recipe =
    mini + "--optimizers muon,adamw,sgd --epochs 2 --batch-size 1250 --quiet ";

/// The observations in DIR/NAME/telemetry.jsonl, without the time that they took; checks that the
/// first line is the recipe.
std::vector<Json> lines_of(const Folder& folder, const std::string& name = "out") {
  std::vector<Json> lines;
  std::istringstream text(folder.read(name + "/telemetry.jsonl"));
  std::string line;
  std::getline(text, line);
  const Json results = Json::parse(folder.read(name + "/results.json"));
  CHECK(Json::parse(line) == Json{{"recipe", results["recipe"]}});
  while (std::getline(text, line)) {
    lines.push_back(Json::parse(line));
    CHECK(lines.back()["seconds"] >= 0);
    lines.back().erase("seconds");
  }
  return lines;
}

/// The steps that were observed, by optimizer; checks that none is there twice.
std::map<std::string, Steps> steps_of(const std::vector<Json>& lines) {
  std::map<std::string, Steps> steps;
  std::set<std::pair<std::string, int>> seen;
  for (const Json& line : lines) {
    const auto optimizer = line["optimizer"].get<std::string>();
    steps[optimizer].push_back(line["step"]);
    CHECK(seen.emplace(optimizer, line["step"]).second);
  }
  return steps;
}

/// A run that nothing stops, observed every 5 steps.
const Folder& whole() {
  static const Folder folder;
  static const Outcome run = run_app(folder, app, recipe + "--out out --telemetry 5");
  REQUIRE(run.status == 0);
  REQUIRE(run.error.empty());
  return folder;
}

Json telemetry_in(const std::string& page) {
  const std::string start = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(start) + start.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from))[0]["telemetry"];
}

TEST_CASE("telemetry does not change the bits of training") {
  const Folder folder;
  REQUIRE(run_app(folder, app, recipe + "--out out").status == 0);
  CHECK(figures(folder, "out") == figures(whole(), "out"));
  CHECK(folder.names("out").size() == 3);  // no telemetry.jsonl
  REQUIRE(run_app(folder, app, recipe + "--out every --telemetry 1").status == 0);
  CHECK(figures(folder, "every") == figures(whole(), "out"));
  CHECK(lines_of(folder, "every").size() == 3 * 16);
}

TEST_CASE("step 1 and every N-th are observed, each with the spectra of all matrices") {
  const std::vector<Json> lines = lines_of(whole());
  const Steps expected = {1, 5, 10, 15};
  CHECK(steps_of(lines) ==
        std::map<std::string, Steps>{{"adamw", expected}, {"muon", expected}, {"sgd", expected}});
  for (const Json& line : lines) {
    REQUIRE(line["matrices"].size() == 3);
    const Json& matrix = line["matrices"][0];
    CHECK(matrix["parameter"] == "fc1.weight");
    CHECK(matrix["shape"] == Json{256, 784});
    const bool is_sgd = line["optimizer"] == "sgd";
    CHECK(matrix.contains("momentum") == !is_sgd);  // plain gradient descent keeps none
    const auto gradient = matrix["gradient"]["singular_values"].get<std::vector<double>>();
    const auto update = matrix["update"]["singular_values"].get<std::vector<double>>();
    CHECK(gradient.size() == 256);
    for (std::size_t i = 0; is_sgd && i < 20; ++i) {  // the rate times the gradient
      CHECK(update[i] == doctest::Approx(0.01 * gradient[i]).epsilon(1e-3));
    }
    const double rank = matrix["update"]["effective_rank"];
    const bool is_muon = line["optimizer"] == "muon" && line["step"] != 1;
    if (is_muon) CHECK(rank > 0.75 * 256);
    if (is_sgd) CHECK(rank < 0.25 * 256);
  }
}

/// Whether a step of it was observed.
bool has_begun(const Folder& folder, const std::string& optimizer) {
  return folder.read("out/telemetry.jsonl").find("{\"optimizer\":\"" + optimizer) !=
         std::string::npos;
}

TEST_CASE("a run that is killed and goes on has each line once, and the same lines") {
  const Folder folder;
  const std::string start = recipe + "--out out --telemetry 5 --checkpoint kept --every 3";
  REQUIRE(run_app(folder, app, start).status == 0);
  const std::string all = folder.read("out/telemetry.jsonl");
  const auto has_all_lines = [&folder] { return lines_of(folder) == lines_of(whole()); };
  REQUIRE(has_all_lines());

  // As killed in the second run, with lines after its last checkpoint, one of them cut off. On a
  // busy machine the program may end before it is killed: then it runs again.
  std::vector<std::string> words = {"--data",       std::string(MUONLAB_SOURCE_DIR) + "/data/mini",
                                    "--optimizers", "muon,adamw,sgd",
                                    "--epochs",     "2",
                                    "--batch-size", "1250",
                                    "--out",        "out",
                                    "--telemetry",  "5",
                                    "--checkpoint", "kept",
                                    "--every",      "3"};
  bool is_killed = false;
  for (int i = 0; i < 10 && !is_killed; ++i) {
    REQUIRE(run_shell(folder, "rm -r kept out").status == 0);
    Process process(folder, app, words);
    wait_until([&] { return folder.names("kept").size() > 1 && has_begun(folder, "adamw"); });
    process.send(SIGKILL);
    is_killed = process.wait() == 128 + SIGKILL;
  }
  REQUIRE(is_killed);
  folder.write("out/telemetry.jsonl", all.substr(0, all.size() - 100));
  const Outcome again = run_app(folder, app, "--resume kept --quiet");
  CHECK(again.error.empty());
  CHECK(again.status == 0);
  CHECK(has_all_lines());
  CHECK(figures(folder, "out") == figures(whole(), "out"));
  CHECK(folder.names("out").size() == 4);

  // A finished comparison keeps its lines; a new one without telemetry does not keep another's.
  REQUIRE(run_app(folder, app, "--resume kept --quiet").status == 0);
  CHECK(has_all_lines());
  REQUIRE(run_app(folder, app, recipe + "--out out").status == 0);
  CHECK(folder.names("out").size() == 3);
}

TEST_CASE("report draws the same from the files as the run did") {
  const Folder folder;
  REQUIRE(run_shell(folder, "cp -r '" + whole().path.string() + "/out' out").status == 0);
  const Json drawn = telemetry_in(folder.read("out/report.html"));
  REQUIRE(drawn.size() == 3);
  CHECK(drawn[0]["observed"] == 4);
  CHECK(drawn[0]["lines"].size() == 4);
  CHECK(drawn[0]["lines"][0]["matrices"][0]["update"]["singular_values"].size() == 64);
  REQUIRE(run_app(folder, report, "out").status == 0);
  const auto is_drawn = [&] { return telemetry_in(folder.read("report.html")) == drawn; };
  CHECK(is_drawn());

  // A last line that was cut off is not there, nor are runs that the results do not have.
  std::string text = folder.read("out/telemetry.jsonl");
  const std::size_t end = text.find('\n') + 1;
  Json other = Json::parse(text.substr(end, text.find('\n', end) - end));
  other["optimizer"] = "other";
  folder.write("out/telemetry.jsonl", text + other.dump() + "\n{\"optimizer\": \"mu");
  REQUIRE(run_app(folder, report, "out").status == 0);
  CHECK(is_drawn());
}

TEST_CASE("telemetry that nobody wrote is refused, naming the file and the line") {
  const Folder folder;
  REQUIRE(run_shell(folder, "cp '" + whole().path.string() + "'/out/results.json .").status == 0);
  const std::string text = whole().read("out/telemetry.jsonl");
  const std::size_t end = text.find('\n') + 1;
  const std::string recipe_line = text.substr(0, end);
  const std::string first = text.substr(end, text.find('\n', end) + 1 - end);
  const auto check_text = [&](const std::string& second, const std::string& message) {
    folder.write("telemetry.jsonl", recipe_line + first + second + '\n');
    check_refused(folder, report, ".", "./telemetry.jsonl:3: " + message);
  };
  const auto check_set = [&](const std::string& pointer, const Json& value,
                             const std::string& message) {
    Json json = Json::parse(first);
    json["step"] = 2;
    json[Json::json_pointer(pointer)] = value;
    check_text(json.dump(), message);
  };
  check_text("", "not an observation, not valid JSON");
  check_text("{\"optimizer\"", "not an observation, not valid JSON");
  check_text(std::string(1000, '['), "not an observation, nested too deep");
  std::string spaces;
  spaces.resize(17'000'000, ' ');
  check_text(spaces, "not an observation, longer than 16000000 bytes");
  check_text("{}", "optimizer: is missing");
  check_set("/step", 1, "step: got 1, expected more than 1");
  check_set("/step", -3, "step: got -3, expected a whole number of at least 1");
  check_set("/seed", 0.5, "seed: got 0.5, expected a whole number below 2^64");
  check_set("/matrices/0/parameter", "a\nb",
            "matrices[0].parameter: got \"a\\nb\", expected a text on one line");
  check_set("/matrices/0/shape", Json{256},
            "matrices[0].shape: got [256], expected rows and columns");
  check_set("/matrices/1/parameter", "fc1.weight",
            "matrices[1].parameter: got \"fc1.weight\", expected each parameter once");
  std::string zeros;  // as many as a message shows
  while (zeros.size() < 59) zeros += zeros.size() % 2 == 0 ? '0' : ',';
  check_set("/matrices", std::vector<int>(1001),
            "matrices: got [" + zeros + "..., expected at most 1000 matrices");
  check_set("/matrices/1/weight_norm", nullptr,
            "matrices[1].weight_norm: got null, expected a number from 0 to 1e+60");
  check_set("/matrices/2/update/singular_values", Json{1, 2},
            "matrices[2].update.singular_values: got [1,2], expected 10 numbers");
  check_set(
      "/matrices/2/update/singular_values/1", 1e9,
      "matrices[2].update.singular_values[1]: got 1000000000.0, expected a number from 0 to " +
          Json::parse(first)["matrices"][2]["update"]["singular_values"][0].dump());
}

TEST_CASE("telemetry of another comparison is not kept, nor drawn") {
  const Folder folder;
  const std::string start = mini + "--optimizers sgd --epochs 2 --batch-size 1250 --telemetry 5 ";
  REQUIRE(run_app(folder, app, start + "--quiet --out out --checkpoint kept").status == 0);
  const std::vector<Json> lines = lines_of(folder);

  // The first checkpoint goes on in the folder of a run that has the same optimizer and steps.
  REQUIRE(run_app(folder, app, start + "--lr sgd=0.02 --quiet --out other").status == 0);
  const std::string foreign = folder.read("other/telemetry.jsonl");
  REQUIRE(lines_of(folder, "other") != lines);
  REQUIRE(run_app(folder, app, "--resume kept --quiet --telemetry 5 --out other").status == 0);
  CHECK(lines_of(folder, "other").empty());

  folder.write("out/telemetry.jsonl", foreign);
  REQUIRE(run_app(folder, report, "out").status == 0);
  CHECK(telemetry_in(folder.read("report.html")).is_null());

  // What cannot be read says how to go on.
  folder.write("out/telemetry.jsonl", "{}\n");
  check_refused(folder, report, "out", "out/telemetry.jsonl:1: recipe: is missing");
  check_refused(folder, app, "--resume kept --out out",
                "out/telemetry.jsonl:1: recipe: is missing; remove it to go on without what was "
                "observed");
  folder.write("out/telemetry.jsonl", "");
  CHECK(run_app(folder, app, "--resume kept").status == 0);
}

TEST_CASE("--telemetry needs --out and a number of steps, and its cost is printed") {
  const Folder folder;
  check_refused(folder, app, recipe + "--telemetry 5",
                "--telemetry: needs --out DIR, where telemetry.jsonl is written");
  const Outcome run = run_app(
      folder, app, mini + "--optimizers sgd --epochs 1 --batch-size 1250 --telemetry 4 --out out");
  CHECK(run.status == 0);
  CHECK(run.out.find("telemetry: 3 steps observed in ") != std::string::npos);
}

TEST_CASE("a run that diverges is observed as long as all is finite") {
  const Folder folder;
  const Outcome run = run_app(folder, app,
                              mini +
                                  "--optimizers sgd,muon --epochs 1 --batch-size 1250 --lr "
                                  "sgd=1e30 muon=1e30 --telemetry 1 --out out");
  CHECK(run.status == 1);
  CHECK(run.error.empty());
  CHECK(run.out.find("stopped at epoch 1") != std::string::npos);
  auto steps = steps_of(lines_of(folder));
  for (const char* optimizer : {"sgd", "muon"}) {
    CAPTURE(optimizer);
    REQUIRE(!steps[optimizer].empty());
    CHECK(steps[optimizer].front() == 1);
    CHECK(steps[optimizer].size() < 8);  // of those of an epoch
  }
  CHECK(run_app(folder, report, "out").status == 0);
}

TEST_CASE("telemetry on a full disk is reported once, and training goes on") {
  const Folder folder;
  // The page fits into the limit, in blocks of 512 bytes; 160 lines do not.
  const Outcome run = run_shell(folder, "ulimit -f 3400; '" + app + "' " + mini +
                                            "--optimizers adamw --epochs 4 --batch-size 250 "
                                            "--quiet --telemetry 1 --out out");
  CHECK(run.status == 1);
  CHECK(run.error ==
        "warning: cannot write out/telemetry.jsonl: File too large; no more steps are observed\n");
  CHECK(run.out.find("\nadamw ") != std::string::npos);
  CHECK(run_app(folder, report, "out").status == 0);  // the last line is cut off
}

}  // namespace
}  // namespace muonlab::test
