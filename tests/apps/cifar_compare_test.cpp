// Runs cifar_compare as a user does, on a few images of noise.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "apps/kit/sealed_json.h"
#include "muonlab/core/rng.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

const std::string program = MUONLAB_CIFAR_COMPARE;

/// 100 training and 20 test images, under their names in DIR/data.
void write_images(const Folder& folder) {
  fs::create_directory(folder.path / "data");
  Rng rng(0);
  for (const std::string name : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4",
                                 "data_batch_5", "test_batch"}) {
    std::string bytes;
    for (int image = 0; image < 20; ++image) {
      bytes += static_cast<char>(rng.below(10));
      for (int pixel = 0; pixel < 3072; ++pixel) bytes += static_cast<char>(rng.below(256));
    }
    folder.write("data/" + name + ".bin", bytes);
  }
}

const std::string small = "--data data --batch-size 30 --epochs 2 --width 2 ";

TEST_CASE("a comparison on CIFAR-10 prints roles, epochs and the table") {
  const Folder folder;
  write_images(folder);
  const Outcome run = run_app(folder, program, small + "--out results");
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  const std::string data = "100 + 20 images, checksum 9a8333fa";
  CHECK(run.out.starts_with(
      "data: " + data +
      ", not CIFAR-10's own 50000 + 10000, so figures differ from docs/results.md; "
      "data/fetch.sh cifar10 fetches those\n"));
  CHECK(run.out.find("conv1.weight  (2, 3, 3, 3)  input   muon  muon    adamw  sgd") !=
        std::string::npos);
  CHECK(run.out.find("hybrid   seed 0  epoch 2/2  loss ") != std::string::npos);
  const auto json = nlohmann::json::parse(folder.read("results/results.json"));
  CHECK(json["protocol"] == "cifar10");
  CHECK(json["data"] == data);
  CHECK(json["runs"].size() == 4);
}

TEST_CASE("the figures do not depend on the number of threads, but on the augmentation") {
  const Folder folder;
  write_images(folder);
  const std::string start = small + "--optimizers muon,sgd --quiet --out ";
  run_app(folder, program, start + "one --threads 1");
  run_app(folder, program, start + "three --threads 3");
  run_app(folder, program, start + "none --augment none");
  CHECK(figures(folder, "one") == figures(folder, "three"));
  CHECK(figures(folder, "one") != figures(folder, "none"));
}

TEST_CASE("telemetry sees filter banks as matrices, and does not change the bits of training") {
  const Folder folder;
  write_images(folder);
  const std::string start =
      "--data data --batch-size 30 --epochs 1 --width 4 --optimizers muon,adamw --quiet --out ";
  REQUIRE(run_app(folder, program, start + "without").status == 0);
  REQUIRE(run_app(folder, program, start + "with --telemetry 2").status == 0);
  CHECK(figures(folder, "with") == figures(folder, "without"));
  std::istringstream text(folder.read("with/telemetry.jsonl"));
  std::string line;
  std::getline(text, line);  // the recipe
  int lines = 0;
  for (; std::getline(text, line); ++lines) {
    const auto matrix = nlohmann::json::parse(line)["matrices"][0];
    CHECK(matrix["parameter"] == "conv1.weight");
    CHECK(matrix["shape"] == nlohmann::json{4, 27});  // of (4, 3, 3, 3)
    for (const char* kind : {"gradient", "momentum", "update"}) {
      CHECK(matrix[kind]["singular_values"].size() == 4);
    }
  }
  CHECK(lines == 2 * 3);  // steps 1, 2 and 4 of each
}

TEST_CASE("a comparison goes on with the masks of dropout and the crops that it would have had") {
  const Folder folder;
  write_images(folder);
  run_app(folder, program, small + "--optimizers adamw --every 3 --checkpoint kept --out whole");
  const std::string before = "kept/000003.json";  // of the start, step 3, step 6 of 8, and the end
  CHECK(nlohmann::json::parse(folder.read(before))["training"]["batch"] == 2);
  const Outcome again = run_app(folder, program, "--resume " + before + " --out again");
  CHECK(again.status == 0);
  CHECK(again.out.find("goes on from " + before + ", writes into again\n") != std::string::npos);
  CHECK(figures(folder, "whole") == figures(folder, "again"));
}

TEST_CASE("a checkpoint whose recipe the app refuses is named") {
  const Folder folder;
  write_images(folder);
  run_app(folder, program, small + "--optimizers sgd --checkpoint kept");
  auto json = nlohmann::ordered_json::parse(folder.read("kept/000003.json"));
  json.erase("crc32");
  for (auto& word : json["recipe"]) {
    if (word == "--width=2") word = "--width=0";
  }
  folder.write("kept/000003.json", app::sealed(json.dump().substr(1)));
  check_refused(folder, program, "--resume kept",
                "kept/000003.json: --width: got '0', expected a whole number from 1 to 1024");
}

TEST_CASE("a second Ctrl-C ends the program at once") {
  const Folder folder;
  write_images(folder);
  Process process(
      folder, program,
      {"--data", "data", "--width", "64", "--optimizers", "sgd", "--checkpoint", "kept"});
  wait_until([&] { return !folder.names("kept").empty(); });
  for (int i = 0; i < 10; ++i) {  // in the time of a step, which takes a second
    process.send(SIGINT);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  CHECK(process.wait() == 130);
  CHECK(folder.read("stderr").empty());  // else the first one said what is kept
}

TEST_CASE("what cifar_compare cannot take is refused in one line") {
  const Folder folder;
  check_refused(folder, program, "--augment all",
                "--augment: got 'all', expected none or tutorial");
  check_refused(folder, program, "--data /no/such/folder",
                "/no/such/folder/data_batch_1.bin: cannot be read, No such file or directory; to "
                "fetch CIFAR-10: data/fetch.sh cifar10 \"/no/such/folder\"");
}

}  // namespace
}  // namespace muonlab::test
