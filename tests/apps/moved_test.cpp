// Where a comparison goes on whose files were moved, or come from somebody else.
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "apps/keeping/moving.h"
#include "apps/kit/sealed_json.h"
#include "tests/apps/run_app.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;

const std::string program = MUONLAB_MNIST_COMPARE;
const std::string small = "--optimizers sgd --epochs 1 --batch-size 5000 --quiet ";

/// Leaves KEPT/000002.json, with `out` as --out.
void start(const Folder& folder, const std::string& out, const std::string& kept = "kept") {
  const std::string files = "--checkpoint " + kept + " --out " + out;
  REQUIRE(run_app(folder, program, small + mini + files).status == 0);
}

/// As somebody may write it: the checkpoint's --out is this.
void set_out(const Folder& folder, const std::string& out) {
  auto json = app::Json::parse(folder.read("kept/000002.json"));
  json.erase("crc32");
  for (auto& word : json["running"]) {
    if (word.get<std::string>().starts_with("--out=")) word = "--out=" + out;
  }
  json["out"] = (folder.path / "kept" / out).string();
  folder.write("kept/000002.json", app::sealed(json.dump().substr(1)));
}

/// Of a comparison that goes on, but not without being told where to write.
void check_asks(const Folder& folder, const std::string& out) {
  check_refused(folder, program, "--resume kept --quiet",
                "kept/000002.json: would write into " + out +
                    ", where the results of its comparison are not; to write there nevertheless: "
                    "--out " +
                    out);
}

TEST_CASE("a folder with checkpoints, data and results that was moved goes on where it is") {
  const Folder folder;
  fs::create_directories(folder.path / "was");
  fs::copy(std::string(MUONLAB_SOURCE_DIR) + "/data/mini", folder.path / "was" / "data");
  REQUIRE(run_app(folder, program,
                  small + "--data was/data --checkpoint was --out was/results/out --telemetry 2")
              .status == 0);
  const std::string figures_before = figures(folder, "was/results/out");
  fs::rename(folder.path / "was", folder.path / "now");
  fs::remove(folder.path / "now" / "results" / "out" / "report.html");
  const Outcome again = run_app(folder, program, "--resume now");
  CHECK(again.error.empty());
  CHECK(again.status == 0);
  CHECK(again.out.ends_with("now/results/out/report.html\n"));
  CHECK(folder.names("now/results/out").size() == 4);
  CHECK(figures(folder, "now/results/out") == figures_before);
  CHECK(!fs::exists(folder.path / "was"));
}

TEST_CASE("checkpoints and results side by side that were moved go on where they are") {
  const Folder folder;
  start(folder, "run/out", "run/kept");
  fs::rename(folder.path / "run", folder.path / "moved");
  fs::remove(folder.path / "moved" / "out" / "report.html");
  REQUIRE(run_app(folder, program, "--resume moved/kept --quiet").status == 0);
  CHECK(fs::exists(folder.path / "moved" / "out" / "report.html"));
  CHECK(!fs::exists(folder.path / "run"));
}

TEST_CASE("checkpoints that were moved alone go on with the results where these are") {
  const Folder folder;
  start(folder, "run/out", "run/kept");
  fs::create_directories(folder.path / "far" / "away");
  fs::rename(folder.path / "run" / "kept", folder.path / "far" / "away" / "kept");
  fs::remove(folder.path / "run" / "out" / "report.html");
  const std::string resume = "--resume far/away/kept --quiet";
  REQUIRE(run_app(folder, program, resume).status == 0);
  REQUIRE(run_app(folder, program, resume).status == 0);
  CHECK(fs::exists(folder.path / "run" / "out" / "report.html"));
  CHECK(folder.names("far") == std::vector<std::string>{"away"});
}

TEST_CASE("the --out of a checkpoint is relative to it, and so are data within its folder") {
  const Folder folder;
  const fs::path kept = folder.path / "kept";
  const auto stored = [&kept](const std::string& word) { return app::stored_word(word, kept); };
  const auto found = [](const std::string& word) { return app::found_word(word, "there"); };
  CHECK(stored("--out=" + (kept / "out").string()) == "--out=out");
  CHECK(stored("--data=" + (kept / "a" / ".." / "b").string()) == "--data=b");
  CHECK(stored("--out=" + kept.string()) == "--out=.");
  CHECK(stored("--out=" + (folder.path / "out").string()) == "--out=../out");
  CHECK(stored("--data=" + folder.path.string()) == "--data=" + folder.path.string());
  CHECK(stored("--data=data") == "--data=" + fs::absolute("data").string());
  CHECK(stored("--threads=2") == "--threads=2");
  fs::create_symlink(folder.path, folder.path / "link");
  CHECK(stored("--out=" + (folder.path / "link" / "kept" / "out").string()) == "--out=out");
  fs::create_directory(kept);
  fs::create_symlink(folder.path, kept / "up");
  CHECK(stored("--out=" + (kept / "up").string()) == "--out=..");

  CHECK(found("--out=out") == "--out=there/out");
  CHECK(found("--out=../out") == "--out=" + fs::weakly_canonical(fs::absolute("out")).string());
  CHECK(found("--data=.") == "--data=there");
  CHECK(found("--out=/out") == "--out=/out");
  CHECK(found("--out=") == "--out=");
  CHECK(found("--threads=2") == "--threads=2");
}

TEST_CASE("results elsewhere are written when they are the comparison's own, or when told so") {
  const Folder folder;
  start(folder, "out");
  const std::string out = (folder.path / "out").string();
  REQUIRE(run_app(folder, program, "--resume kept --quiet").status == 0);

  fs::rename(folder.path / "out", folder.path / "moved");
  check_asks(folder, out);
  CHECK(!fs::exists(out));
  CHECK(run_app(folder, program, "--resume kept --quiet --out moved").status == 0);
  CHECK(run_app(folder, program, "--resume kept --quiet --out new").status == 0);

  REQUIRE(run_app(folder, program, small + mini + "--out out").status == 0);  // the same recipe
  const std::string foreign = folder.read("out/results.json");
  check_asks(folder, out);
  CHECK(folder.read("out/results.json") == foreign);
  CHECK(run_app(folder, program, "--resume kept --quiet --out out").status == 0);
  CHECK(folder.read("out/results.json") != foreign);
}

TEST_CASE("a checkpoint's own folder is written into unless there are results of another") {
  const Folder folder;
  start(folder, "kept/out");
  fs::remove_all(folder.path / "kept" / "out");
  REQUIRE(run_app(folder, program, "--resume kept --quiet").status == 0);
  for (const std::string file : {"results.json", "metrics.csv", "report.html", "telemetry.jsonl"}) {
    fs::remove_all(folder.path / "kept" / "out");
    fs::create_directory(folder.path / "kept" / "out");
    folder.write("kept/out/" + file, "precious");
    check_asks(folder, "kept/out");
    CHECK(folder.read("kept/out/" + file) == "precious");
  }
}

TEST_CASE("a checkpoint leads nowhere else, by its words or by links") {
  const Folder folder;
  start(folder, "kept/out");
  fs::create_directory(folder.path / "victim");
  set_out(folder, "../victim");
  check_asks(folder, (folder.path / "victim").string());
  set_out(folder, (folder.path / "victim").string());
  check_asks(folder, (folder.path / "victim").string());
  set_out(folder, "link");
  fs::create_symlink("../victim", folder.path / "kept" / "link");
  check_asks(folder, "kept/link");
  CHECK(folder.names("victim").empty());
}

}  // namespace
}  // namespace muonlab::test
