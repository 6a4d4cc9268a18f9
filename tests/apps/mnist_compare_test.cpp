// Runs mnist_compare as a user does, on the images that come with the source.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include <doctest/doctest.h>

#include "apps/training/contender.h"
#include "apps/training/divergence.h"
#include "muonlab/core/device.h"
#include "muonlab/core/math.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

Outcome run_app(const Folder& folder, const std::string& arguments) {
  return run_app(folder, MUONLAB_MNIST_COMPARE, arguments);
}

TEST_CASE("a short comparison prints roles, epochs and the table, and writes both files") {
  const Folder folder;
  const std::string results = (folder.path / "results").string();
  const Outcome run = run_app(folder, mini + "--optimizers muon,sgd --epochs 1 " +
                                          "--batch-size 500 --seeds 2 --out '" + results + "'");
  CHECK(run.status == 0);
  CHECK(run.error == "");
  CHECK(run.out.find("fc1.weight   (256, 784)  hidden  muon  sgd") != std::string::npos);
  CHECK(run.out.find("muon     seed 1  epoch 1/1  loss ") != std::string::npos);
  CHECK(run.out.find("muon     seed 0  Newton-Schulz took ") != std::string::npos);
  CHECK(run.out.find("muon     seed 1  Newton-Schulz took ") == std::string::npos);  // said once
  CHECK(run.out.find("sgd      seed 0  Newton-Schulz took ") == std::string::npos);
  CHECK(run.out.find("optimizer  last-epoch loss        test loss  test accuracy (%)") !=
        std::string::npos);
  CHECK(run.out.find(" ± ") != std::string::npos);
  CHECK(run.out.find('\r') == std::string::npos);  // no progress bar into a file

  const auto json = nlohmann::json::parse(folder.read("results/results.json"));
  CHECK(json["protocol"] == "mnist");
  CHECK(json["data"] == "mini");
  REQUIRE(json["runs"].size() == 4);
  CHECK(json["runs"][0]["optimizer"] == "muon");
  CHECK(json["runs"][0]["parameters"] == 235146);
  CHECK(json["runs"][0]["epochs"][0]["test_accuracy"] > 0.5);
  CHECK(json["runs"][1]["state_bytes"] == 0);
  CHECK(folder.read("results/metrics.csv")
            .starts_with(
                "optimizer,seed,epoch,loss,test_loss,test_accuracy,train_seconds\nmuon,0,1,"));
  CHECK_FALSE(fs::exists(results + "/results.json.partial"));
}

TEST_CASE("the losses of two runs are equal to the bit, with 1 and with 2 threads") {
  const Folder folder;
  std::string first;
  for (const std::string threads : {"1", "2", "2"}) {
    const std::string results = (folder.path / "results").string();
    const Outcome run = run_app(folder, mini + "--optimizers muon,hybrid,adamw,sgd --epochs 1 " +
                                            "--batch-size 250 --quiet --out '" + results +
                                            "' --threads " + threads);
    CHECK(run.out.find("Newton-Schulz") == std::string::npos);  // --quiet leaves the table alone
    const std::string losses = figures(folder, "results");
    if (first.empty()) first = losses;
    CHECK(losses == first);
  }
}

TEST_CASE("a run that diverges says where, and the others still run") {
  const Folder folder;
  const Outcome run = run_app(
      folder, mini + "--optimizers sgd,adamw --epochs 1 " + "--lr sgd=1e30 --batch-size 500");
  CHECK(run.status == 1);
  CHECK(run.out.find("sgd      seed 0  stopped at epoch 1, step 2: the loss is nan; all parameters "
                     "are finite\n") != std::string::npos);
  CHECK(run.out.find("adamw    seed 0  epoch 1/1") != std::string::npos);
  CHECK(run.out.find("sgd                stopped") != std::string::npos);
}

TEST_CASE("the first parameter that is not finite is named") {
  nn::Parameters parameters = {{"fc.weight", Variable(math::zeros({2, 2})), nn::Role::hidden},
                               {"fc.bias", Variable(math::zeros({2})), nn::Role::bias}};
  CHECK(app::first_not_finite(parameters) == nullptr);
  parameters[1].variable.value().data()[1] = std::nanf("");
  CHECK(std::string(app::Diverged(7, std::nan(""), parameters).what()) ==
        "step 7: the loss is nan; the first parameter that is not finite is fc.bias");
}

void check_refused(const std::string& arguments, const std::string& message) {
  const Folder folder;
  check_refused(folder, MUONLAB_MNIST_COMPARE, arguments, message);
}

TEST_CASE("bad usage is refused in one line") {
  check_refused("--lr muon=-0.1", "--lr: the rate of muon must be a positive number, got '-0.1'");
  check_refused("--lr muon=nan", "--lr: the rate of muon must be a positive number, got 'nan'");
  check_refused("--lr muon=0x1p-3",
                "--lr: the rate of muon must be a positive number, got '0x1p-3'");
  check_refused("--lr muon", "--lr: got 'muon', expected NAME=VALUE");
  check_refused("--optimizers sgd --lr muon=0.1",
                "--lr: muon is not among the optimizers to compare, sgd");
  check_refused("--data ''", "--data: a value is needed");
  check_refused("--out ''", "--out: a value is needed");
  check_refused("--device tpu", "--device: got 'tpu', expected cpu or cuda");
  if (const std::string problem = problem_with(Device::cuda); !problem.empty()) {
    check_refused("--device cuda", "--device cuda: " + problem + "; use --device cpu");
  }
  check_refused("--graph auto", "--graph: got 'auto', expected on or off");
  check_refused("--precision half", "--precision: got 'half', expected float32 or bfloat16");
  check_refused("--muon-precision fp8",
                "--muon-precision: got 'fp8', expected float32 or bfloat16");
  check_refused("--seed 1 --seeds 2", "--seed excludes --seeds (--help shows what there is)");
}

TEST_CASE("an error keeps its exit status when it cannot be written") {
  const Folder folder;
  CHECK(run_app(folder, "--epochs 0 2>/dev/full").status == 2);
}

TEST_CASE("missing data is refused with the command that fetches it") {
  check_refused("--data /no/such/folder",
                "/no/such/folder: cannot be read, No such file or directory; to fetch MNIST: "
                "data/fetch.sh mnist "
                "\"/no/such/folder\"");
}

TEST_CASE("an output folder that cannot be written is refused before training") {
  const Folder folder;
  std::ofstream(folder.path / "file") << "not a folder";
  const std::string out = (folder.path / "file" / "results").string();
  check_refused(mini + "--out '" + out + "'",
                "cannot make the folder " + out + ": Not a directory");
}

TEST_CASE("help teaches, on stdout") {
  const Folder folder;
  const Outcome run = run_app(folder, "--help");
  CHECK(run.status == 0);
  CHECK(run.error == "");
  CHECK(run.out.find("--optimizers LIST") != std::string::npos);
  CHECK(run.out.find("Examples:") != std::string::npos);
}

}  // namespace
}  // namespace muonlab::test
