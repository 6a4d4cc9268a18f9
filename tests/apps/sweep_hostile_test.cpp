// What sweep cannot take: options, folders of other sweeps, and files that nobody wrote.
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

using Json = nlohmann::ordered_json;

const std::string program = MUONLAB_SWEEP;
const std::string start = "mnist " + mini + "--batch-sizes 9000 --optimizers sgd --rates sgd=0.1 ";

/// A folder with out/sweep.json of one cell, which can be replaced.
class Swept {
 public:
  Swept() {
    REQUIRE(run_app(folder, program, start + "--out out").status == 0);
    good_ = Json::parse(folder.read("out/sweep.json"));
  }

  /// What the same command says when the file is this, after its name.
  std::string error(const std::string& text, const std::string& more = "") const {
    folder.write("out/sweep.json", text);
    const Outcome run = run_app(folder, program, start + "--out out " + more);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(folder.read("out/sweep.json") == text);
    const std::string prefix = "error: out/sweep.json: ";
    if (!run.error.starts_with(prefix)) return run.error;
    return run.error.substr(prefix.size(), run.error.size() - prefix.size() - 1);
  }

  std::string error(const std::function<void(Json&)>& change, const std::string& more = "") const {
    Json json = good_;
    change(json);
    return error(json.dump(), more);
  }

  /// The same with one field of the cell.
  std::string error_of(const std::string& field, const Json& value) const {
    return error([&](Json& json) { json["cells"][0][field] = value; });
  }

  const Json& good() const { return good_; }

  Folder folder;

 private:
  Json good_;
};

TEST_CASE("what sweep cannot take is refused in one line") {
  const Folder folder;
  const auto refused = [&folder](const std::string& arguments, const std::string& message) {
    check_refused(folder, program, arguments, message);
  };
  const std::string needed =
      "mnist or cifar10 is needed, before the options, such as: sweep mnist (--help says more)";
  refused("", needed);
  refused("--rates sgd=0.1 mnist", needed);  // which --rates takes for one of its list
  refused("fashion", "PROTOCOL: got 'fashion', expected mnist or cifar10");
  refused(
      start + "--optimizers lbfgs",
      "--optimizers: got 'lbfgs', expected muon, hybrid, adamw, sgd or another that --help lists");
  refused("mnist --optimizers sgd,sgd", "--optimizers: sgd is named more than once");
  refused("mnist " + mini + "--batch-sizes 9001",
          "--batch-sizes: there are 9000 images to train on, got 9001");
  refused("mnist --rates 0.1", "--rates: got '0.1', expected NAME=RATE,RATE...");
  refused("mnist --rates muon=", "--rates: muon has none, expected NAME=RATE,RATE...");
  refused("mnist --rates muon=0.1,x",
          "--rates: the rate of muon must be a positive number, got 'x'");
  refused("mnist --rates muon=0.1,0.1", "--rates: muon has 0.1 more than once");
  refused("mnist --rates muon=0.1 muon=0.2", "--rates: muon=LIST stands more than once");
  refused("mnist --rates muon=0.1, 0.2", "--rates: got '0.2', expected NAME=RATE,RATE...");
  refused("mnist --rates hybrid=0.1", "--rates: got 'hybrid', expected muon, adamw or sgd");
  std::string sizes = "1";
  for (int size = 2; size <= 7; ++size) sizes += fmt::format(",{}", size);
  refused("mnist --seeds 100 --batch-sizes " + sizes,
          "a sweep has at most 10000 trainings, these would be 10500; fewer rates, batch sizes or "
          "seeds are needed");
  refused("mnist --precision half", "--precision: got 'half', expected float32 or bfloat16");
  refused("mnist --device tpu", "--device: got 'tpu', expected cpu or cuda");
  refused("mnist --out ''", "--out: a value is needed");
  CHECK(folder.entries() == 2);  // what each run left in stdout and stderr
}

TEST_CASE("the folder of a sweep that differs is refused, and the difference named") {
  const Swept swept;
  const auto keep = [](Json&) {};
  const std::string other = ", or another folder for this sweep";
  CHECK(swept.error(keep, "--epochs 2") == "epochs: got 1, expected 2" + other);
  CHECK(swept.error([](Json& json) { json["protocol"] = "cifar10"; }) ==
        "protocol: got \"cifar10\", expected \"mnist\"" + other);
  CHECK(swept.error([](Json& json) { json["train_data"] = "10000 images, checksum 00000000"; })
            .starts_with("train_data: got \"10000 images, checksum 00000000\", expected \"10000 "));
  CHECK(swept.error(keep, "--precision bfloat16").starts_with("products: got \"float32 by "));
  CHECK(swept.error([](Json& json) { json["muon_precision"] = "half"; })
            .starts_with("muon_precision: got \"half\", expected "));
  CHECK(swept.error([](Json& json) { json["rules"]["sgd"] = "another"; }) ==
        "rules.sgd: got \"another\", expected \"plain gradient descent, without momentum\"" +
            other);
  CHECK(swept.error([](Json& json) { json["rules"]["lbfgs"] = "another"; }) ==
        "rules.lbfgs: got \"another\", expected none of this name" + other);
  CHECK(swept.error([](Json& json) { json["format"] = 2; }) == "format: got 2, expected 1" + other);
}

TEST_CASE("a file that is no sweep is refused in one line that names the field") {
  const Swept swept;
  CHECK(swept.error("") == "not a sweep, not valid JSON");
  CHECK(swept.error("[1]") == "not a sweep, not valid JSON");
  CHECK(swept.error(std::string(20, '[')) == "not a sweep, nested too deep");
  CHECK(swept.error("{}") == "format: is missing");
  CHECK(swept.error([](Json& json) { json.erase("cells"); }) == "cells: is missing");
  CHECK(swept.error([](Json& json) { json["cells"] = 1; }) == "cells: got 1, expected a list");
  CHECK(swept.error([](Json& json) { json["cells"].push_back(json["cells"][0]); })
            .ends_with("expected every cell once"));
  CHECK(swept.error([](Json& json) { json["commands"] = {{1}}; }) ==
        "commands[0][0]: got 1, expected a text");
  CHECK(swept.error([](Json& json) { json["machines"] = {"\x1b[2J"}; }) ==
        "machines[0]: got \"\\u001b[2J\", expected a text on one line");
  CHECK(swept.error_of("optimizer", "lbfgs") ==
        "cells[0].optimizer: got \"lbfgs\", expected one of the protocol's");
  CHECK(swept.error_of("batch_size", 0) ==
        "cells[0].batch_size: got 0, expected a whole number of at least 1");
  CHECK(swept.error_of("lr", -1).starts_with("cells[0].lr: got -1, expected a number from "));
  CHECK(swept.error_of("lr", "x").starts_with("cells[0].lr: got \"x\", expected a number from "));
  for (const double lr : {0.0, 1e-46, 9e38}) {
    CHECK(swept.error_of("lr", lr).ends_with("expected a positive number, as float32"));
  }
  CHECK(swept.error_of("seed", -1) == "cells[0].seed: got -1, expected a whole number below 2^64");
  CHECK(swept.error_of("validation_loss", nullptr) ==
        "cells[0].validation_loss: got null, expected a number of at least 0");
  CHECK(swept.error_of("test_accuracy", 1.5) ==
        "cells[0].test_accuracy: got 1.5, expected a number from 0 to 1");
  CHECK(swept.error_of("diverged", "") ==
        "cells[0].diverged: got \"\", expected a text that says where");
}

TEST_CASE("a folder takes as many cells as a sweep can have, and the last of many commands") {
  const Swept swept;
  const auto add_cells = [](Json& json, int count) {
    for (int seed = 1; seed <= count; ++seed) {
      json["cells"].push_back(json["cells"][0]);
      json["cells"].back()["seed"] = seed;
    }
  };
  CHECK(swept.error([&](Json& json) { add_cells(json, 9999); }, "--batch-sizes 8999") ==
        "has 10000 trainings, and 1 more would be over 10000: another folder is needed for this "
        "sweep, or fewer rates, batch sizes or seeds");
  Json json = swept.good();
  add_cells(json, 9998);
  json["versions"] = {"0.0"};
  for (int i = 0; i < 200; ++i) json["commands"].push_back({fmt::format("{}", i)});
  swept.folder.write("out/sweep.json", json.dump());
  const std::string two = start + "--batch-sizes 8999 --out out";
  for (int i = 0; i < 2; ++i) REQUIRE(run_app(swept.folder, program, two).status == 0);
  const Json grown = Json::parse(swept.folder.read("out/sweep.json"));
  CHECK(grown["cells"].size() == 10'000);
  CHECK(grown["versions"] == Json{"0.0", MUONLAB_VERSION});
  CHECK(grown["commands"].size() == 100);
  CHECK(grown["commands"][98] == Json{"199"});
  CHECK(grown["commands"][99][2] == "--batch-sizes=9000,8999");
}

TEST_CASE("long lists of a sweep are cut in linear time, and the command at work stays") {
  const Swept swept;
  Json json = swept.good();
  const Json versions = std::vector<std::string>(100'000);  // in quadratic time, minutes
  json["versions"] = versions;
  json["machines"] = versions;
  const Json own = json["commands"][0];
  for (int i = 0; i < 200; ++i) json["commands"].push_back({fmt::format("{}", i)});
  swept.folder.write("out/sweep.json", json.dump());
  REQUIRE(run_app(swept.folder, program, start + "--out out").status == 0);
  const Json grown = Json::parse(swept.folder.read("out/sweep.json"));
  CHECK(grown["versions"].size() == 100);
  CHECK(grown["versions"][98] == "");
  CHECK(grown["versions"][99] == MUONLAB_VERSION);
  CHECK(grown["commands"].size() == 100);
  CHECK(grown["commands"][0] == Json{"101"});
  CHECK(grown["commands"][99] == own);
}

TEST_CASE("a sweep whose tables would be out of proportion to its cells is refused") {
  const Swept swept;
  CHECK(swept.error([](Json& json) {
    for (int i = 1; i <= 1000; ++i) {
      json["cells"].push_back(json["cells"][0]);
      json["cells"].back()["batch_size"] = i;
      json["cells"].back()["lr"] = i;
    }
  }) == "has 1001 rates and 1001 batch sizes with those to train, expected a table of at most "
        "1000000 places: another folder is needed for this sweep");
}

TEST_CASE("every rate that sweep takes can be read again") {
  const Folder folder;
  const std::string words =
      "mnist " + mini +
      "--batch-sizes 9000 --optimizers sgd --rates sgd=1e-45,3.4028235e+38 --out out";
  REQUIRE(run_app(folder, program, words).status == 0);
  const std::string before = folder.read("out/sweep.json");
  CHECK(run_app(folder, program, words).out.find("2 trainings, 2 of them done") !=
        std::string::npos);
  CHECK(folder.read("out/sweep.json") == before);
}

TEST_CASE("a folder that cannot be written is refused before anything is trained") {
  const Folder folder;
  folder.write("file", "");
  const Outcome run = run_app(folder, program, start + "--out file");
  CHECK(run.status == 2);
  CHECK(run.error.starts_with("error: cannot make the folder file"));
  CHECK(run.out.empty());
  std::filesystem::create_directories(folder.path / "out" / "sweep.json");
  CHECK(run_app(folder, program, start + "--out out").status == 2);
}

}  // namespace
}  // namespace muonlab::test
