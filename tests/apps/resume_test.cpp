// Stops mnist_compare in every way there is, and resumes it.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "muonlab/core/rng.h"
#include "muonlab/core/shape.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Words = std::vector<std::string>;

const std::string app = MUONLAB_MNIST_COMPARE;
const std::string data = std::string(MUONLAB_SOURCE_DIR) + "/data/mini";

/// 80 steps of each contender, some 0.3 s.
const std::vector<std::string> recipe = {"--optimizers", "muon,adamw", "--batch-size", "250",
                                         "--epochs",     "2",          "--lr",         "muon=0.02"};

std::vector<std::string> start_words(const std::string& every) {
  std::vector<std::string> words = recipe;
  for (const std::string& word :
       {std::string("--data"), data, std::string("--every"), every, std::string("--checkpoint"),
        std::string("kept"), std::string("--out"), std::string("out"), std::string("--quiet")}) {
    words.push_back(word);
  }
  return words;
}

bool has_checkpoint(const Folder& folder) {
  const auto names = folder.names("kept");
  return std::ranges::any_of(names, [](const auto& name) { return name.ends_with(".json"); });
}

std::string last_tensors(const Folder& folder) {
  return folder.read("kept/" + folder.names("kept").back());
}

/// A run that nothing stops.
const Folder& whole() {
  static const Folder folder;
  static const int status = Process(folder, app, start_words("1epoch")).wait();
  REQUIRE(status == 0);
  return folder;
}

void check_same_as_whole(const Folder& folder) {
  CHECK(figures(folder, "out") == figures(whole(), "out"));
  CHECK(last_tensors(folder) == last_tensors(whole()));
}

TEST_CASE("a comparison that Ctrl-C stops says how to go on, and ends with the same bits") {
  const Folder folder;
  int stops = 0;
  std::vector<std::string> words = start_words("1epoch");
  for (int milliseconds_more = 0;; milliseconds_more += 40) {
    Process process(folder, app, words);
    wait_until([&] { return has_checkpoint(folder); });
    std::this_thread::sleep_for(milliseconds(10 + milliseconds_more));
    process.send(SIGINT);
    const int status = process.wait();
    if (status == 0) break;
    if (status == 128 + SIGINT && folder.read("stderr").empty()) continue;  // before it listened
    REQUIRE(status == 130);
    ++stops;
    const std::string last = folder.names("kept").back();
    const std::string json = last.substr(0, last.find('.')) + ".json";
    CHECK(folder.read("stderr") ==
          "interrupted: saved kept/" + json + "; to go on: " + app + " --resume kept\n");
    words = {"--resume", "kept", "--threads", stops % 2 == 0 ? "1" : "2"};
  }
  CHECK(stops > 0);
  check_same_as_whole(folder);
}

TEST_CASE("a comparison that is killed at random moments ends with the same bits") {
  const Folder folder;
  Rng rng(0);
  int kills = 0;
  for (int i = 0; i < 6; ++i) {
    const bool start = !has_checkpoint(folder);
    Process process(folder, app,
                    start ? start_words("3") : std::vector<std::string>{"--resume", "kept"});
    wait_until([&] { return has_checkpoint(folder); });
    std::this_thread::sleep_for(milliseconds(rng.below(150)));
    process.send(SIGKILL);
    const int status = process.wait();
    const bool expected = status == 0 || status == 128 + SIGKILL;
    CHECK(expected);
    if (status != 0) ++kills;
  }
  CHECK(kills > 0);
  CHECK(Process(folder, app, {"--resume", "kept"}).wait() == 0);
  check_same_as_whole(folder);
  CHECK(folder.names("kept").size() == 4);  // two checkpoints, nothing else
}

TEST_CASE("a finished comparison that is resumed prints its table again") {
  const Folder folder;
  const std::string arguments =
      mini + "--optimizers sgd,adamw --epochs 1 --batch-size 500 --seeds 2 --checkpoint kept";
  const Outcome first = run_app(folder, app, arguments);
  const Outcome again = run_app(folder, app, "--resume kept");
  CHECK(again.status == 0);
  CHECK(again.error.empty());
  CHECK(again.out.find(first.out.substr(first.out.find("\noptimizer"))) != std::string::npos);
  CHECK(again.out.find("epoch 1/1") == std::string::npos);
  CHECK(folder.names("kept") == std::vector<std::string>{"000004.json", "000004.safetensors",
                                                         "000005.json", "000005.safetensors"});
}

TEST_CASE("a run that diverged stays stopped when it is resumed") {
  const Folder folder;
  const Outcome first =
      run_app(folder, app, mini + "--optimizers sgd --epochs 2 --lr sgd=1e30 --checkpoint kept");
  const Outcome again = run_app(folder, app, "--resume kept --quiet");
  CHECK(first.status == 1);
  CHECK(again.status == 1);
  CHECK(again.out.find("sgd                stopped") != std::string::npos);
}

TEST_CASE("what is interrupted says which results are kept") {
  const Folder folder;
  Process process(folder, app,
                  {"--data", data, "--optimizers", "sgd", "--epochs", "99", "--out", "out"});
  wait_until(
      [&] { return folder.read("out/metrics.csv").find("\nsgd,0,1,") != std::string::npos; });
  process.send(SIGINT);
  CHECK(process.wait() == 130);
  CHECK(folder.read("stderr") ==
        "interrupted: the epochs that ended are in out; next time --checkpoint DIR keeps what it "
        "takes to go on\n");
  CHECK(!figures(folder, "out").empty());
}

TEST_CASE("without a folder, what is interrupted says what it has and that nothing is kept") {
  const Folder folder;
  Process process(
      folder, app,
      {"--data", data, "--optimizers", "sgd,muon", "--epochs", "20", "--batch-size", "100"});
  wait_until([&] {
    return folder.read("stdout").find("muon     seed 0  epoch 1/20") != std::string::npos;
  });
  process.send(SIGTERM);
  CHECK(process.wait() == 143);
  CHECK(folder.read("stderr") ==
        "interrupted: nothing was kept; next time --checkpoint DIR keeps what it takes to go on\n");
  const std::string out = folder.read("stdout");
  const std::string table = out.substr(out.find("\noptimizer"));
  CHECK(table.find("\nsgd  ") != std::string::npos);
  CHECK(table.find("\nmuon ") == std::string::npos);
}

TEST_CASE("SIGTERM and SIGHUP save, too, and the command that goes on is quoted for the shell") {
  for (const int signal : {SIGTERM, SIGHUP}) {
    const Folder folder;
    Words words = start_words("1epoch");
    for (std::string& word : words) {
      if (word == "kept") word = "it's kept";
      if (word == "2") word = "200";  // epochs
    }
    Process process(folder, app, words);
    wait_until([&] { return !folder.names("it's kept").empty(); });
    process.send(signal);
    if (signal == SIGHUP) process.send(signal);  // the terminal's, and the shell's
    CHECK(process.wait() == 128 + signal);
    const std::string text = folder.read("stderr");
    CHECK(text.starts_with("interrupted: saved it's kept/0000"));
    CHECK(text.ends_with(".json; to go on: " + app + " --resume 'it'\\''s kept'\n"));
  }
}

TEST_CASE("an interrupt whose save fails names the last checkpoint") {
  const Folder folder;
  // The state of sgd fits into the limit (in blocks of 512 bytes), that of muon does not.
  const std::string command = "ulimit -f 2000; exec '" + app + "' " + mini +
                              "--optimizers sgd,muon --epochs 20 --every 99epochs --quiet "
                              "--batch-size 100 --checkpoint kept";
  Process process(folder, "/bin/sh", {"-c", command});
  wait_until([&] { return folder.names("kept").size() == 4; });  // of the start, and sgd's end
  process.send(SIGINT);
  CHECK(process.wait() == 130);
  CHECK(folder.read("stderr") ==
        "warning: cannot write kept/000003.safetensors: File too large; the last checkpoint is "
        "kept/000002.json\n"
        "interrupted: the last checkpoint is kept/000002.json; to go on: " +
            app + " --resume kept\n");
}

TEST_CASE("--every decides how many checkpoints there are beside those of the start and the end") {
  const Folder folder;
  const auto last = [&folder](const std::string& name, const std::string& more) {
    const Outcome run =
        run_app(folder, app, mini + "--optimizers sgd --quiet --checkpoint " + name + ' ' + more);
    CHECK(run.status == 0);
    return folder.names(name).back();
  };
  CHECK(last("steps", "--epochs 1 --batch-size 1250 --every 3") == "000004.safetensors");
  CHECK(last("epochs", "--epochs 5 --batch-size 5000 --every 2epochs") == "000004.safetensors");
  CHECK(last("none", "--epochs 1 --batch-size 1250 --every 9") == "000002.safetensors");
}

TEST_CASE("a full disk is reported, training goes on and the last good checkpoint stays") {
  const Folder folder;
  const std::string common = mini + "--batch-size 500 --epochs 1 --quiet ";
  // The state of sgd and the page fit into the limit (in blocks of 512 bytes), that of adamw does
  // not.
  const std::string limit = "ulimit -f 4000; '" + app + "' ";
  const Outcome full =
      run_shell(folder, limit + common + "--optimizers sgd,adamw --checkpoint kept --out out");
  CHECK(full.status == 1);
  CHECK(full.error ==
        "warning: cannot write kept/000003.safetensors: File too large; the last checkpoint is "
        "kept/000002.json\n"
        "error: the end could not be saved; the last checkpoint is kept/000002.json\n");
  CHECK(full.out.find("\nadamw ") != std::string::npos);
  CHECK(folder.names("kept").size() == 4);

  const Outcome again = run_app(folder, app, "--resume kept --quiet");
  CHECK(again.status == 0);
  CHECK(again.error.empty());

  const Outcome silent =
      run_shell(folder, limit + common + "--optimizers sgd,adamw --checkpoint silent 2>/dev/full");
  CHECK(silent.status == 1);
  CHECK(silent.out.find("\nadamw ") != std::string::npos);

  // Of the results the page is the largest; that of one run is a little more than the limit.
  REQUIRE(run_app(folder, app, common + "--optimizers sgd --out lost").status == 0);
  const auto blocks = fs::file_size(folder.path / "lost" / "report.html") / 512;
  const Outcome lost =
      run_shell(folder, "ulimit -f " + std::to_string(blocks) + "; '" + app + "' " + common +
                            "--optimizers sgd --seeds 9 --out lost");
  CHECK(lost.status == 1);
  CHECK(lost.error.find("warning: cannot write lost/report.html: File too large\n") !=
        std::string::npos);
  CHECK(lost.out.find("\nsgd ") != std::string::npos);
}

TEST_CASE("the profile of a step is printed and stored") {
  const Folder folder;
  const Outcome run = run_app(folder, app,
                              mini +
                                  "--optimizers muon --epochs 1 --batch-size 500 "
                                  "--profile --out out");
  CHECK(run.status == 0);
  for (const char* line :
       {"part of a step, muon seed 0  time (ms)      %\n", "\ndata     ", "\nforward  ",
        "\nbackward ", "\noptimizer ", "\n  momentum ", "\n  orthogonalize ", "\nother  ",
        "\nstep  ", "memory                               MiB\n",
        "\nparameters                          0.90\n",
        "\ngradients                           0.90\n",
        "\noptimizer state                     0.90\n",
        "\nbuffers                             0.00\n",
        "\ndata set                            9.02\n"}) {
    CAPTURE(line);
    CHECK(run.out.find(line) != std::string::npos);
  }
  const auto runs = nlohmann::json::parse(folder.read("out/results.json"))["runs"];
  const auto& profile = runs[0]["profile"];
  CHECK(profile["steps"] == 20);
  CHECK(profile["parts"].size() == 7);
  CHECK(profile["bytes"]["parameters"] == 940584);
  // What the three layers and the two ReLU between give, or backward makes of it, and two batches.
  const Index activations = profile["bytes"]["activations, batches ahead"];
  CHECK(activations >= 4 * 500 * (256 + 256 + 128 + 128 + 10));
  CHECK(activations <= 4 * 500 * (2 * (256 + 256 + 128 + 128 + 10) + 2 * (784 + 1)) * 9 / 8);
}

}  // namespace
}  // namespace muonlab::test
