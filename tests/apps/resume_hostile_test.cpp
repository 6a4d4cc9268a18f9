// What --resume refuses: other options beside it, other data, and checkpoints that are whole and
// claim what cannot be.
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "apps/keeping/arguments.h"
#include "apps/kit/sealed_json.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using app::Every;
using Json = nlohmann::ordered_json;

const std::string program = MUONLAB_MNIST_COMPARE;

/// A folder whose kept/000002.json is that of a finished run, and can be replaced.
class Kept {
 public:
  Kept() {
    const Outcome run =
        run_app(folder, program,
                mini + "--optimizers adamw --epochs 1 --batch-size 5000 --checkpoint kept");
    REQUIRE(run.status == 0);
    good_ = Json::parse(folder.read("kept/000002.json"));
    good_.erase("crc32");
  }

  /// What --resume says after `change`, with FILE in place of the JSON's name.
  std::string error(const std::function<void(Json&)>& change, const std::string& more = "") const {
    Json json = good_;
    change(json);
    folder.write("kept/000002.json", app::sealed(json.dump().substr(1)));
    const Outcome run = run_app(folder, program, "--resume kept " + more);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    const std::string prefix = "error: kept/000002.json: ";
    if (!run.error.starts_with(prefix)) return run.error;
    return run.error.substr(prefix.size(), run.error.size() - prefix.size() - 1);
  }

  Folder folder;

 private:
  Json good_;
};

TEST_CASE("what the checkpoint says cannot be said again beside --resume") {
  const Folder folder;
  const auto refused = [&folder](const std::string& arguments, const std::string& message) {
    check_refused(folder, program, arguments, message);
  };
  for (const std::string option : {"--optimizers sgd", "--epochs 3", "--batch-size 64", "--seed 0",
                                   "--seeds 3", "--lr sgd=1", "--device cpu"}) {
    refused("--resume kept " + option,
            option.substr(0, option.find(' ')) +
                ": not beside --resume, the checkpoint says what is compared");
  }
  refused("--resume kept --checkpoint other",
          "--checkpoint: not beside --resume, which goes on saving where the checkpoint is");
  refused("--every 3", "--every: needs --checkpoint DIR, where to save");
  refused("--checkpoint ''", "--checkpoint: a value is needed");
  refused("--resume ''", "--resume: a value is needed");
  refused("--resume missing", "missing: cannot be read, No such file or directory");
  refused("--resume .", ".: no checkpoint is in it, expected a file such as 000001.json");
}

TEST_CASE("--every takes steps and epochs") {
  const auto parse = [](const std::string& text) {
    const auto [count, unit] = app::parse_every(text);
    return fmt::format("{} {}", count, unit == Every::Unit::steps ? "steps" : "epochs");
  };
  CHECK(parse("500") == "500 steps");
  CHECK(parse("500steps") == "500 steps");
  CHECK(parse("1step") == "1 steps");
  CHECK(parse("2epochs") == "2 epochs");
  CHECK(parse("1epoch") == "1 epochs");
  const Folder folder;
  for (const std::string text :
       {"", "0", "-3", "3.5", "epoch", "3 hours", "0epochs", "+3", "99999999999999999999"}) {
    CHECK(folder.error([&] { parse(text); }) ==
          "--every: expected a number of steps or epochs, such as 500 or 2epochs, got '" + text +
              "'");
  }
}

TEST_CASE("a recipe is words of a command line, and checked like one") {
  const Kept kept;
  const auto with = [&kept](const char* part, const Json& word) {
    return kept.error([part, &word](Json& json) { json[part].push_back(word); });
  };
  const std::string no_recipe = ", expected an option of the recipe, --NAME=VALUE";
  const std::string no_running = ", expected an option beside --resume, --NAME=VALUE";
  for (const std::string word : {"--out=/tmp", "--resume=x", "--checkpoint=x", "--help", "-h", "x",
                                 "--seed", "--help=1", "--unknown=1", ""}) {
    CHECK(with("recipe", word) == "recipe[8]: got \"" + word + "\"" + no_recipe);
  }
  for (const std::string word : {"--seed=1", "--help", "--checkpoint=/tmp/x", "../.."}) {
    CHECK(with("running", word) == "running[1]: got \"" + word + "\"" + no_running);
  }
  CHECK(with("recipe", 7) == "recipe[8]: got 7, expected a text");
  CHECK(with("recipe", "--epochs=\n") ==
        "recipe[8]: got \"--epochs=\\n\", expected a text on one line");
  CHECK(with("recipe", "--seeds=2") == "--seed excludes --seeds (--help shows what there is)");
  CHECK(with("running", "--threads=0") ==
        "--threads: got '0', expected a whole number from 1 to 1024");
  const auto set = [&kept](std::size_t i, const std::string& word) {
    return kept.error([i, &word](Json& json) { json["recipe"][i] = word; });
  };
  CHECK(set(1, "--epochs=0") == "--epochs: got '0', expected a whole number from 1 to 100000");
  CHECK(set(0, "--optimizers=sgd") == "--lr: adamw is not among the optimizers to compare, sgd");
  CHECK(set(0, "--optimizers=adam,adamw") ==
        "--optimizers: got 'adam', expected muon, hybrid, adamw, sgd or another that --help lists; "
        "did you mean adamw?");
  CHECK(kept.error([](Json& json) { json["recipe"] = "--epochs=1"; }) ==
        "recipe: got \"--epochs=1\", expected a list");
  CHECK(kept.error([](Json& json) { json["recipe"].erase(1); })
            .starts_with("recipe: is not what this version of mnist_compare writes, --optimizers"));
}

TEST_CASE("a checkpoint that claims what cannot be is refused") {
  const Kept kept;
  const auto set = [&kept](const std::string& pointer, const Json& value) {
    return kept.error([&](Json& json) { json[Json::json_pointer(pointer)] = value; });
  };
  CHECK(set("/app", "cifar_compare") == "is a checkpoint of cifar_compare, not of mnist_compare");
  CHECK(set("/format", 2) == "format: got 2, expected 1");
  CHECK(set("/protocol", "cifar") == "protocol: got \"cifar\", expected \"mnist\"");
  CHECK(
      set("/train_data", "1 images, checksum 00000000")
          .starts_with("train_data: was made with 1 images, checksum 00000000; got 10000 images"));
  CHECK(set("/runs", Json::array()) == "runs: got [], expected 1 to 1 runs");
  CHECK(set("/runs/0/optimizer", "sgd").ends_with("expected the run of adamw with seed 0"));
  CHECK(set("/runs/0/seed", 1).ends_with("expected the run of adamw with seed 0"));
  CHECK(set("/runs/0/lr", 0.5).ends_with("expected the run of adamw with seed 0"));
  CHECK(set("/runs/0/lr", 1e300).starts_with("runs[0].lr: got 1e+300, expected a number from 0"));
  CHECK(set("/runs/0/parameters", 5) == "runs[0].parameters: got 5, expected 235146");
  CHECK(set("/runs/0/state_bytes", 5) == "runs[0].state_bytes: got 5, expected 1881168");
  CHECK(set("/rules/adamw", "another rule") ==
        "rules.adamw: got \"another rule\", expected \"AdamW for everything\"");
  CHECK(set("/runs/0/epochs/0/epoch", 2) == "runs[0].epochs[0].epoch: got 2, expected 1");
  CHECK(set("/runs/0/epochs/0/test_accuracy", 1.5) ==
        "runs[0].epochs[0].test_accuracy: got 1.5, expected a number from 0 to 1");
  CHECK(set("/runs/0/epochs/0/loss", nullptr) ==
        "runs[0].epochs[0].loss: got null, expected a number of at least 0");

  CHECK(set("/training/batch", 3) == "training.batch: got 3, expected a whole number from 0 to 2");
  CHECK(set("/training/loss_sum", "0x1p3") == "training.loss_sum: got \"0x1p3\", expected 0");
  CHECK(set("/training/loss_sum", 1) == "training.loss_sum: got 1, expected 0");
  CHECK(set("/training/updates", Json::array()) ==
        "adamw: the state is of another model, got 0 parameters, expected 6");
  CHECK(set("/training/updates/0", -1) ==
        "training.updates[0]: got -1, expected a whole number from 0 to 2");
  CHECK(set("/training/updates/0", 3) ==
        "training.updates[0]: got 3, expected a whole number from 0 to 2");
  CHECK(set("/training/generators/x", 1) ==
        "training.generators: got {\"x\":1}, expected the model's 0 generators");
  CHECK(kept.error([](Json& json) { json.erase("training"); }) == "training: is missing");
}

TEST_CASE("a profile of a run that goes on, or with names that a terminal obeys, is refused") {
  const Kept kept;
  const Json profile = {{"steps", 1}, {"parts", Json::array()}, {"bytes", {{"\u001b[2J", 1}}}};
  CHECK(kept.error([&](Json& json) { json["runs"][0]["profile"] = profile; }) ==
        R"(runs[0].profile.bytes: got {"\u001b[2J":1}, expected names on one line)");
  CHECK(kept.error([&](Json& json) {
              json["runs"][0]["profile"] = profile;
              json["runs"][0]["profile"]["bytes"] = Json::object();
              json["runs"][0]["epochs"] = Json::array();
            })
            .starts_with("runs[0].profile: got {"));
}

TEST_CASE(
    "a curve that is not as long as the run, or that the run's steps cannot have, is refused") {
  const Kept kept;
  CHECK(kept.error([](Json& json) {
    Json& curve = json["runs"][0]["curve"];
    curve["steps"] = 1;
    for (const char* list : {"point_steps", "point_losses", "means", "seconds"}) {
      curve[list].erase(1);
    }
  }) == "runs[0].curve.steps: got 1, expected 2");
  CHECK(
      kept.error([](Json& json) {
        json["runs"][0]["curve"]["point_steps"] = {2, 1};
      }) ==
      "runs[0].curve.point_steps: got [2,1], expected one or two steps in every bucket, in order");
}

TEST_CASE("a long list that is no recipe is refused at the first item that is no option of it") {
  const Kept kept;
  const Json zeros = std::vector<int>(199'000, 0);
  CHECK(kept.error([&](Json& json) { json["recipe"] = zeros; }) ==
        "recipe[0]: got 0, expected a text");
  const Json words = std::vector<std::string>(1001, "--seed=0");
  CHECK(kept.error([&](Json& json) { json["recipe"] = words; }) ==
        "recipe[1000]: got \"--seed=0\", expected at most 1000 options");
}

TEST_CASE("options that a checkpoint could not hold are refused beside --checkpoint") {
  const Folder folder;
  check_refused(folder, program, mini + "--checkpoint kept --out '/a\nb'",
                "a checkpoint cannot hold the option \"--out=/a\\nb\", expected UTF-8 without "
                "control characters");
  check_refused(folder, program, mini + "--checkpoint kept --out '/\xC2\x9B'",
                "a checkpoint cannot hold the option \"--out=/\\u009b\", expected UTF-8 without "
                "control characters");
  check_refused(folder, program, mini + "--checkpoint kept --out '/\xFF'",
                "a checkpoint cannot hold the option \"--out=/\\ufffd\", expected UTF-8 without "
                "control characters");
  CHECK(folder.names("kept").empty());
}

TEST_CASE("another data set is refused") {
  const Kept kept;
  fs::copy(std::string(MUONLAB_SOURCE_DIR) + "/data/mini", kept.folder.path / "other");
  const fs::path images = kept.folder.path / "other" / "train-images-idx3-ubyte.gz";
  fs::rename(kept.folder.path / "other" / "t10k-images-idx3-ubyte.gz", images);
  fs::rename(kept.folder.path / "other" / "t10k-labels-idx1-ubyte.gz",
             kept.folder.path / "other" / "train-labels-idx1-ubyte.gz");
  fs::copy(std::string(MUONLAB_SOURCE_DIR) + "/data/mini", kept.folder.path / "other",
           fs::copy_options::recursive | fs::copy_options::skip_existing);
  CHECK(kept.error([](Json&) {}, "--data other") ==
        "train_data: was made with 10000 images, checksum 7ddf615d; got 2000 images, checksum "
        "a688a752, name the folder of the others with --data");
}

}  // namespace
}  // namespace muonlab::test
