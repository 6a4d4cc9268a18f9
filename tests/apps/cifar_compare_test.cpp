// Runs cifar_compare as a user does, on a few images of noise.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/rng.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

const std::string app = MUONLAB_CIFAR_COMPARE;

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
  const Outcome run = run_app(folder, app, small + "--out results");
  CHECK(run.status == 0);
  CHECK(run.error.empty());
  CHECK(run.out.find("conv1.weight  (2, 3, 3, 3)  input   muon  muon    adamw  sgd") !=
        std::string::npos);
  CHECK(run.out.find("hybrid   seed 0  epoch 2/2  loss ") != std::string::npos);
  const auto json = nlohmann::json::parse(folder.read("results/results.json"));
  CHECK(json["protocol"] == "cifar10");
  CHECK(json["data"] == "mini");
  CHECK(json["runs"].size() == 4);
}

TEST_CASE("the figures do not depend on the number of threads, but on the augmentation") {
  const Folder folder;
  write_images(folder);
  const std::string start = small + "--optimizers muon,sgd --quiet --out ";
  run_app(folder, app, start + "one --threads 1");
  run_app(folder, app, start + "three --threads 3");
  run_app(folder, app, start + "none --augment none");
  CHECK(figures(folder, "one") == figures(folder, "three"));
  CHECK(figures(folder, "one") != figures(folder, "none"));
}

TEST_CASE("a comparison goes on with the masks of dropout and the crops that it would have had") {
  const Folder folder;
  write_images(folder);
  run_app(folder, app, small + "--optimizers adamw --every 3 --checkpoint kept --out whole");
  std::vector<fs::path> kept;
  for (const auto& entry : fs::directory_iterator(folder.path / "kept")) {
    if (entry.path().extension() == ".json") kept.push_back(entry.path());
  }
  REQUIRE(kept.size() == 2);
  const std::string before = std::min(kept[0], kept[1]).string();  // within the last epoch
  const Outcome again = run_app(folder, app, "--resume '" + before + "' --out again");
  CHECK(again.status == 0);
  CHECK(figures(folder, "whole") == figures(folder, "again"));
}

TEST_CASE("what cifar_compare cannot take is refused in one line") {
  const Folder folder;
  check_refused(folder, app, "--width 0", "--width: expected 1 to 1024, got 0");
  check_refused(folder, app, "--augment all", "--augment: expected none or tutorial, got 'all'");
  check_refused(folder, app, "--data /no/such/folder",
                "/no/such/folder/data_batch_1.bin: cannot be read, No such file or directory; to "
                "fetch CIFAR-10: data/fetch.sh cifar10 \"/no/such/folder\"");
}

}  // namespace
}  // namespace muonlab::test
