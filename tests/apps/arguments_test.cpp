#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "apps/comparison/parse_arguments.h"
#include "apps/training/tuning.h"
#include "muonlab/core/threads.h"
#include "tests/folder.h"

namespace muonlab::test {
namespace {

using app::Arguments;
using app::Checkpoints;
using app::Json;
using Words = std::vector<std::string>;

/// An app with options of its own.
struct Program {
  int width = 64;
  bool wide = false;

  Arguments parse(Words words) {
    width = 64;
    wide = false;
    words.insert(words.begin(), "bin/toy");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    const auto add_options = [this](CLI::App& app) {
      app.add_option("--width", width, "Width")->capture_default_str();
      app.add_flag("--wide", wide, "Wider");
    };
    const app::Defaults defaults = {
        .name = "toy",
        .about = "A toy.",
        .contenders = {{.name = "a", .about = "", .lr = 0.1F, .routes = {}},
                       {.name = "b", .about = "", .lr = 1e-3F, .routes = {}}},
        .epochs = 2,
        .batch_size = 8,
        .add_options = add_options,
    };
    return parse_arguments(static_cast<int>(argv.size()), argv.data(), defaults);
  }
};

TEST_CASE("the recipe has every option that decides the figures, defaults and the app's own too") {
  Program program;
  const std::string fastest(name_of(fastest_precision()));
  CHECK(program.parse({}).recipe == Words{"--optimizers=a,b", "--epochs=2", "--batch-size=8",
                                          "--seed=0", "--lr=a=0.1", "--lr=b=0.001",
                                          "--precision=float32", "--muon-precision=" + fastest,
                                          "--device=cpu", "--width=64"});
  const Arguments other =
      program.parse({"--optimizers", "b", "--seeds", "3", "--lr", "b=2", "--precision", "bfloat16",
                     "--muon-precision=float32", "--wide", "--width=3", "--out", "results",
                     "--quiet", "--checkpoint", "kept"});
  CHECK(other.recipe == Words{"--optimizers=b", "--epochs=2", "--batch-size=8", "--seeds=3",
                              "--lr=b=2", "--precision=bfloat16", "--muon-precision=float32",
                              "--device=cpu", "--width=3", "--wide=true"});
  CHECK(other.precision == Precision::bfloat16);
  CHECK(other.contenders.front().orthogonalization.precision == Precision::float32);
  const std::string out = (std::filesystem::current_path() / "results").string();
  CHECK(other.running == Words{"--out=" + out, "--quiet=true"});
  CHECK(other.checkpoint == "kept");
}

TEST_CASE("zeros before a number are no part of it, nor of the recipe") {
  Program program;
  const Arguments plain = program.parse({"--seed=10", "--epochs=8", "--batch-size=16"});
  const Arguments zeros = program.parse({"--seed=010", "--epochs=08", "--batch-size=0016"});
  CHECK(zeros.seeds == std::vector<std::uint64_t>{10});
  CHECK(zeros.epochs == 8);
  CHECK(zeros.recipe == plain.recipe);
  const Arguments largest = program.parse({"--seed=9223372036854775807"});
  CHECK(largest.seeds == std::vector<std::uint64_t>{9'223'372'036'854'775'807U});
}

TEST_CASE("what a checkpoint says holds, but for what is given anew beside --resume") {
  const Folder folder;
  const int before = threads();
  Program program;
  const Words recipe =
      program.parse({"--optimizers=b", "--seeds=2", "--lr=b=0.5", "--wide", "--width=3"}).recipe;
  Checkpoints(folder.path)
      .write({{"app", "toy"},
              {"recipe", recipe},
              {"running", {"--threads=1", "--every=7", "--out=/here"}}},
             {});
  const Arguments arguments =
      program.parse({"--resume", folder.path.string(), "--out", "/there", "--profile"});
  CHECK(arguments.recipe == recipe);
  CHECK(arguments.running == Words{"--threads=1", "--out=/there", "--every=7", "--profile=true"});
  CHECK(arguments.contenders.size() == 1);
  CHECK(arguments.contenders[0].lr == 0.5F);
  CHECK(arguments.seeds == std::vector<std::uint64_t>{0, 1});
  CHECK(arguments.every.count == 7);
  CHECK(arguments.out == "/there");
  CHECK(arguments.profile);
  CHECK(arguments.resumed->file == folder.path / "000001.json");
  CHECK(arguments.program == "bin/toy");
  CHECK(program.width == 3);
  CHECK(program.wide);
  CHECK(threads() == 1);
  set_threads(before);

  CHECK(folder.error([&] {
    program.parse({"--resume", folder.path.string(), "--width", "4"});
  }) == "--width: not beside --resume, the checkpoint says what is compared");
}

TEST_CASE("--newton-schulz takes steps, a set and a form, each once") {
  const auto options = app::parse_newton_schulz("steps=3,set=cubic,form=plain");
  CHECK(options.steps == 3);
  CHECK(options.coefficients == optim::Coefficients::cubic);
  CHECK(options.form == optim::Form::plain);
  CHECK(app::parse_newton_schulz("").steps == 5);
  const auto refused = [](const char* text, const char* message) {
    CHECK_THROWS_WITH_AS(app::parse_newton_schulz(text), message, Error);
  };
  refused("steps=0", "--newton-schulz: steps: got '0', expected a whole number from 1 to 100");
  refused("steps", "--newton-schulz: steps: got '', expected a whole number from 1 to 100");
  refused("steps=3,steps=4", "--newton-schulz: steps is given more than once");
  refused("form=grm",
          "--newton-schulz: form: got 'grm', expected automatic, plain, symmetric or gram; did you "
          "mean gram?");
  refused("step=3",
          "--newton-schulz: got 'step', expected steps, set or form; did you mean steps?");
}

}  // namespace
}  // namespace muonlab::test
