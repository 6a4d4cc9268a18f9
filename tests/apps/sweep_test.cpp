// Runs sweep as a user does, on the images that come with the source.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/data/mnist.h"
#include "tests/apps/rows.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

const std::string program = MUONLAB_SWEEP;

const std::string small = "mnist " + mini;

Json cells(const Folder& folder, const std::string& name = "out") {
  return Json::parse(folder.read(name + "/sweep.json"))["cells"];
}

/// The figures of every cell, with all their digits, but for the seconds.
std::map<std::string, std::string> figures_of(const Folder& folder, const std::string& name) {
  std::map<std::string, std::string> figures;
  const Json all = cells(folder, name);
  for (Json cell : all) {
    std::string key;
    for (const char* field : {"optimizer", "batch_size", "lr", "seed"}) {
      key += cell[field].dump() + ' ';
    }
    cell.erase("train_seconds");
    CHECK(figures.emplace(key, cell.dump()).second);
  }
  return figures;
}

/// An IDX file of bytes.
void write_idx(const Folder& folder, const std::string& name, const std::vector<Index>& sizes,
               const std::vector<std::uint8_t>& bytes) {
  std::string text = {0, 0, 8, static_cast<char>(sizes.size())};
  for (const Index size : sizes) {
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>((size >> shift) & 255);
  }
  folder.write(name, text + std::string(bytes.begin(), bytes.end()));
}

/// The images of these numbers as a part of MNIST, "train" or "t10k".
void write_images(const Folder& folder, const std::string& part, const data::Dataset& all,
                  const std::vector<Index>& numbers) {
  std::vector<std::uint8_t> images;
  std::vector<std::uint8_t> labels;
  for (const Index i : numbers) {
    const auto image = all.images.slice(i, i + 1);
    images.insert(images.end(), image.data(), image.data() + 784);
    labels.push_back(static_cast<std::uint8_t>(all.labels.data()[i]));
  }
  write_idx(folder, part + "-images-idx3-ubyte", {std::ssize(numbers), 28, 28}, images);
  write_idx(folder, part + "-labels-idx1-ubyte", {std::ssize(numbers)}, labels);
}

void link_test_images(const Folder& folder) {
  REQUIRE(run_shell(folder, "ln -s '" + std::string(MUONLAB_SOURCE_DIR) + "'/data/mini/t10k* .")
              .status == 0);
}

data::Mnist mini_mnist() {
  return data::load_mnist(std::string(MUONLAB_SOURCE_DIR) + "/data/mini");
}

TEST_CASE("a cell is what the comparison trains on nine of ten images") {
  const Folder folder;
  const Folder held_out;  // whose test images are those that sweep holds out
  const data::Dataset all = mini_mnist().train;
  std::vector<Index> kept;
  std::vector<Index> tenth;
  for (Index i = 0; i < all.size(); ++i) (i % 10 == 9 ? tenth : kept).push_back(i);
  for (const Folder* part : {&folder, &held_out}) write_images(*part, "train", all, kept);
  write_images(held_out, "t10k", all, tenth);
  link_test_images(folder);
  const std::string same = " --optimizers muon,sgd --epochs 2 --seeds 2 ";
  for (const Folder* part : {&folder, &held_out}) {
    REQUIRE(run_app(*part, MUONLAB_MNIST_COMPARE,
                    "--data . --batch-size 500 --lr muon=0.03 sgd=0.2 --out compared" + same)
                .status == 0);
  }
  REQUIRE(run_app(folder, program,
                  "mnist " + mini + "--batch-sizes 500 --rates muon=0.03 sgd=0.2 --out out" + same)
              .status == 0);
  const Json runs = Json::parse(folder.read("compared/results.json"))["runs"];
  const Json held = Json::parse(held_out.read("compared/results.json"))["runs"];
  const Json swept = cells(folder);
  REQUIRE(runs.size() == 4);
  REQUIRE(swept.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(swept[i]["optimizer"] == runs[i]["optimizer"]);
    CHECK(swept[i]["seed"] == runs[i]["seed"]);
    CHECK(swept[i]["loss"] == runs[i]["epochs"][1]["loss"]);
    CHECK(swept[i]["test_accuracy"] == runs[i]["epochs"][1]["test_accuracy"]);
    CHECK(swept[i]["validation_accuracy"] == held[i]["epochs"][1]["test_accuracy"]);
    CHECK_FALSE(swept[i]["validation_accuracy"] == swept[i]["test_accuracy"]);
  }
}

TEST_CASE("the validation loss is the mean over the images held out") {
  const Folder folder;
  const data::Dataset all = mini_mnist().train;
  std::vector<Index> numbers;  // each image ten times, so that of every ten one is held out
  for (Index i = 0; i < 11'000; ++i) numbers.push_back(i / 10);
  write_images(folder, "train", all, numbers);
  link_test_images(folder);
  REQUIRE(run_app(folder, program,
                  "mnist --data . --optimizers sgd --rates sgd=1e-30 --batch-sizes 9900 --out out")
              .status == 0);
  const Json cell = cells(folder)[0];  // at this rate nothing is learned, so all losses are equal
  CHECK(cell["validation_loss"].get<double>() ==
        doctest::Approx(cell["loss"].get<double>()).epsilon(1e-6));
}

TEST_CASE("the tables show every loss, and the lowest of a batch size is the best") {
  const Folder folder;
  const Outcome run = run_app(folder, program,
                              "mnist " + mini +
                                  "--optimizers muon,sgd --batch-sizes 1000,250 --out out "
                                  "--rates muon=0.3,0.03,0.003 sgd=0.1,1e30");
  CHECK(run.status == 0);  // that a rate diverges is a result
  CHECK(run.error.empty());
  CHECK(run.out.find("\n10 trainings, 1 epoch of 9000 images each, 1000 held out; products: ") !=
        std::string::npos);
  std::map<std::string, Json> lowest;  // by optimizer and batch size
  const Json all = cells(folder);
  REQUIRE(all.size() == 10);
  for (const Json& cell : all) {
    if (cell.contains("diverged")) {
      CHECK(cell["lr"] == 1e30);
      continue;
    }
    const std::string loss = fmt::format("{:.4f}", cell["validation_loss"].get<double>());
    CHECK(run.out.find(" " + loss) != std::string::npos);
    Json& low = lowest[cell["optimizer"].get<std::string>() + cell["batch_size"].dump()];
    if (low.is_null() || cell["validation_loss"] < low["validation_loss"]) low = cell;
  }
  REQUIRE(lowest.size() == 4);
  const std::vector<std::string> best = lines_from(run.out, "optimizer  batch  best rate");
  REQUIRE(best.size() > 6);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string name = i < 2 ? "muon" : "sgd";
    const Json& low = lowest[name + (i % 2 == 0 ? "250" : "1000")];
    CHECK(numbers(best[2 + i], name).at(1) == low["lr"].get<double>());
    CHECK(run.out.find(fmt::format("{:.4f} *", low["validation_loss"].get<double>())) !=
          std::string::npos);
  }
  CHECK(lines_from(run.out, "1e+30").front() == "1e+30   diverged      diverged");
  CHECK(run.out.find("sgd: the best rate is the lowest tried (batch size 250, 1000); try lower "
                     "ones, too: --rates sgd=0.03,0.01") != std::string::npos);
  const double lr = lowest["muon250"]["lr"].get<double>();  // 64 is the comparison's batch size
  CHECK(
      run.out.ends_with(fmt::format("At these rates: ./muonlab mnist_compare --optimizers "
                                    "muon,sgd --batch-size 250 --epochs 1 --lr muon={} sgd=0.1\n",
                                    lr)));
}

TEST_CASE("the default rates surround the comparison's own") {
  const Folder folder;
  const std::string text =
      printed(program, small + "--batch-sizes 3000 --optimizers muon,adamw --quiet");
  for (const char* rate : {"0.001", "0.003", "0.01", "0.03", "0.1", "0.0001", "0.0003"}) {
    CAPTURE(rate);
    CHECK(!lines_from(text, std::string(rate) + " ").empty());
  }
  CHECK(text.find("batch size 3000") != std::string::npos);  // of a hint
}

TEST_CASE("a sweep that grows in parts has the bits of one in a single run") {
  const Folder folder;
  const std::string start = small + "--quiet --epochs 2 ";
  REQUIRE(run_app(folder, program,
                  start + "--optimizers adamw,muon --rates muon=0.01,0.1 adamw=0.001 --seeds 2 "
                          "--batch-sizes 3000,900 --out whole")
              .status == 0);
  for (const std::string part :
       {"--batch-sizes 3000 --optimizers muon --rates muon=0.1",
        "--batch-sizes 900 --optimizers adamw --rates adamw=0.001 --threads 1",
        "--optimizers muon --rates muon=0.01,0.1 --batch-sizes 900,3000",
        "--optimizers muon,adamw --rates muon=0.1,0.01 adamw=0.001 --seeds 2 "
        "--batch-sizes 900,3000"}) {
    REQUIRE(run_app(folder, program, start + part + " --out out").status == 0);
  }
  CHECK(cells(folder).size() == 12);
  CHECK(figures_of(folder, "out") == figures_of(folder, "whole"));
  const Json json = Json::parse(folder.read("out/sweep.json"));
  CHECK(json["commands"].size() == 4);
  const std::string before = folder.read("out/sweep.json");
  const Outcome again =
      run_app(folder, program,
              small + "--batch-sizes 3000 --epochs 2 --optimizers muon --rates muon=0.1 --out out");
  CHECK(again.out.find("\n1 training, 1 of them done, 2 epochs of 9000") != std::string::npos);
  CHECK(lines_from(again.out, "adamw  ").size() > 1);  // the tables show all that there is
  CHECK(folder.read("out/sweep.json") == before);
}

/// Cells enough that a signal comes between them: about a second.
const Words long_words = {
    "mnist",         "--data",   std::string(MUONLAB_SOURCE_DIR) + "/data/mini",
    "--batch-sizes", "500,1000", "--optimizers",
    "muon",          "--seeds",  "3",
    "--out",         "out"};

std::size_t cells_there(const Folder& folder) {
  const std::string text = folder.read("out/sweep.json");
  return text.empty() ? 0 : Json::parse(text)["cells"].size();
}

void check_same_as_whole(const Folder& folder) {
  Words words = long_words;
  words.back() = "whole";
  REQUIRE(Process(folder, program, words).wait() == 0);
  CHECK(figures_of(folder, "out") == figures_of(folder, "whole"));
  CHECK(folder.names("out") == Words{"report.html", "sweep.json"});
}

TEST_CASE("a sweep that is killed keeps all cells but the one at work") {
  const Folder folder;
  std::size_t kept = 0;
  for (const std::size_t more : {2U, 3U, 1U}) {
    Process process(folder, program, long_words);
    wait_until([&] { return cells_there(folder) >= kept + more; });
    process.send(SIGKILL);
    process.wait();
    CHECK(cells_there(folder) >= kept + more);
    kept = cells_there(folder);
  }
  CHECK(kept < 30);
  CHECK(Process(folder, program, long_words).wait() == 0);
  CHECK(cells_there(folder) == 30);
  check_same_as_whole(folder);
}

TEST_CASE("Ctrl-C prints the tables so far and the command that goes on") {
  const Folder folder;
  Process process(folder, program, long_words);
  wait_until([&] { return cells_there(folder) >= 2; });
  process.send(SIGINT);
  CHECK(process.wait() == 130);
  std::string command = program;
  for (const std::string& word : long_words) command += ' ' + word;
  CHECK(folder.read("stderr") == fmt::format("interrupted: {} of 30 trainings are in "
                                             "out/sweep.json; to go on: {}\n",
                                             cells_there(folder), command));
  CHECK(lines_from(folder.read("stdout"), "optimizer  batch  best rate").size() > 2);
  CHECK(run_shell(folder, command).status == 0);
  check_same_as_whole(folder);
}

TEST_CASE("Ctrl-C does not claim what could not be written") {
  const Folder folder;
  Process process(folder, program, long_words);
  wait_until([&] { return cells_there(folder) >= 2; });
  std::filesystem::rename(folder.path / "out", folder.path / "away");
  folder.write("out", "");
  wait_until([&] { return folder.read("stderr").find("warning: ") != std::string::npos; });
  process.send(SIGINT);
  CHECK(process.wait() == 130);
  CHECK(folder.read("stderr").find("\ninterrupted: the last results could not be written to "
                                   "out/sweep.json; to go on from those before: ") !=
        std::string::npos);
}

TEST_CASE("report says of a sweep's folder that it has a page") {
  const Folder folder;
  REQUIRE(
      run_app(folder, program, small + "--batch-sizes 9000 --optimizers sgd --out out").status ==
      0);
  check_refused(folder, MUONLAB_REPORT, "out",
                "out: is no comparison's, and has a page of its own, report.html");
}

TEST_CASE("Ctrl-C without a folder says what keeps a sweep") {
  const Folder folder;
  Process process(folder, program, Words(long_words.begin(), long_words.end() - 2));
  wait_until([&] { return folder.read("stdout").find("batch size") != std::string::npos; });
  process.send(SIGINT);
  CHECK(process.wait() == 130);
  CHECK(folder.read("stderr") == "interrupted: nothing was kept; next time --out DIR does it\n");
}

}  // namespace
}  // namespace muonlab::test
