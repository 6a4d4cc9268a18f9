// Cuts the power at every moment while files are written, and looks at what is left.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "apps/keeping/checkpoints.h"
#include "muonlab/core/files.h"
#include "tests/folder.h"
#include "tests/power_cut/disk.h"
#include "tests/power_cut/recorder.h"

namespace muonlab::test {
namespace {

namespace fs = std::filesystem;
using app::Checkpoints;
using Operations = std::vector<Operation>;

/// A disk becomes files below `root`, in the place of what was there.
void write(const Disk& disk, const fs::path& root, const fs::path& recorded_root) {
  fs::remove_all(root);
  fs::create_directory(root);
  for (const auto& [path, content] : disk) {
    const fs::path here = root / path.lexically_relative(recorded_root);
    if (!fs::exists(here.parent_path())) continue;  // its folder was lost
    if (path.has_extension()) {
      std::ofstream(here, std::ios::binary) << content;
    } else {
      fs::create_directory(here);
    }
  }
}

/// What is below `root`.
Disk disk_at(const fs::path& root) {
  Disk disk;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    std::ifstream file(entry.path(), std::ios::binary);
    disk[entry.path()] =
        entry.is_directory() ? "" : std::string(std::istreambuf_iterator<char>(file), {});
  }
  return disk;
}

/// Checkpoint `i`, whose tensor and JSON tell it from others.
void write(Checkpoints& checkpoints, int i) {
  const auto value = static_cast<float>(i);
  checkpoints.write({{"i", i}}, {{"model.x", Tensor({3}, {value, value, value})}});
}

/// Six checkpoints in a new folder, with a mark after each; the last are those of a program that
/// went on, after what a killed one left.
Operations record_checkpoints(const Folder& folder) {
  const fs::path kept = folder.path / "a" / "kept";
  Recorder::only().start(folder.path);
  Checkpoints first(kept);
  for (int i = 1; i <= 4; ++i) {
    write(first, i);
    Recorder::only().mark();
  }
  files::replace(kept / "000005.safetensors", "without its JSON");
  Checkpoints second(app::read_checkpoint(kept));
  for (int i = 5; i <= 6; ++i) {
    write(second, i);
    Recorder::only().mark();
  }
  Operations operations = Recorder::only().stop();
  CHECK(disk_after(operations) == disk_at(folder.path));  // all that was done was seen
  return operations;
}

/// The checkpoint from which --resume goes on in a folder, or the one that it offers instead; none
/// when both are lost.
std::optional<int> resumed(const fs::path& folder) {
  try {
    const app::Checkpoint checkpoint = app::read_checkpoint(folder);
    const int i = checkpoint.json["i"].get<int>();
    CHECK(checkpoint.tensors.at(0).tensor.values()[2] == static_cast<float>(i));
    return i;
  } catch (const Error& error) {
    const std::string message = error.what();
    const std::size_t offer = message.find("--resume ");
    if (offer == std::string::npos) return {};
    return resumed(message.substr(offer + std::string("--resume ").size()));
  }
}

/// How many states a cut may leave, and in how many of them a checkpoint that was written is lost,
/// or all of them.
struct Outcome {
  int states = 0;
  int lost_last = 0;
  int lost_all = 0;
};

Outcome cut(const Operations& operations, const fs::path& recorded_root, const Losses& losses) {
  const Folder folder;
  const fs::path root = folder.path / "cut";
  Outcome outcome;
  each_cut(operations, losses, [&](const Disk& disk, int marks) {
    ++outcome.states;
    write(disk, root, recorded_root);
    const std::optional<int> last = resumed(root / "a" / "kept");
    if (last.value_or(0) < marks) ++outcome.lost_last;
    if (!last && marks > 1) ++outcome.lost_all;
  });
  return outcome;
}

TEST_CASE("a power cut at any moment leaves the last checkpoint that was written, or the next") {
  const Folder folder;
  const Operations operations = record_checkpoints(folder);
  const Outcome outcome = cut(operations, folder.path, {});
  CHECK(outcome.states > 100);
  CHECK(outcome.lost_last == 0);
  CHECK(outcome.lost_all == 0);
}

TEST_CASE("without the sync of the folder, or of files, a power cut takes all checkpoints") {
  const Folder folder;
  Operations operations = record_checkpoints(folder);
  int marks = 0;  // what comes after two adds little but states
  const auto is_second = [&marks](const Operation& operation) {
    return operation.kind == Operation::Kind::mark && ++marks == 2;
  };
  operations.erase(std::ranges::find_if(operations, is_second) + 1, operations.end());
  for (const Losses& losses : {Losses{.folders_are_synced = false}, {.files_are_synced = false}}) {
    const Outcome outcome = cut(operations, folder.path, losses);
    CHECK(outcome.lost_last > 0);
    CHECK(outcome.lost_all > 0);
  }
}

TEST_CASE("a power cut leaves the old file or the new one, and the new one from its commit on") {
  const Folder folder;
  Recorder::only().start(folder.path);
  for (const char* text : {"first", "second", "third"}) {
    files::replace(folder.path / "new" / "file.txt", text);
    Recorder::only().mark();
  }
  const Operations operations = Recorder::only().stop();
  const std::vector<std::string> texts = {"", "first", "second", "third", ""};
  int states = 0;
  each_cut(operations, {}, [&](const Disk& disk, int marks) {
    ++states;
    const auto file = disk.find(folder.path / "new" / "file.txt");
    const std::string text = file == disk.end() ? "" : file->second;
    const bool is_whole = text == texts.at(static_cast<std::size_t>(marks)) ||
                          text == texts.at(static_cast<std::size_t>(marks) + 1);
    CHECK(is_whole);
  });
  CHECK(states > 10);
}

/// While it lives, signals interrupt calls.
struct Interrupts {
  Interrupts() { Recorder::only().interrupts = true; }
  ~Interrupts() { Recorder::only().interrupts = false; }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
};

TEST_CASE("files are written and read by calls that signals interrupt, in parts") {
  const Folder folder;
  std::optional<int> last;
  {
    const Interrupts interrupts;
    Checkpoints checkpoints(folder.path / "kept");
    for (int i = 1; i <= 3; ++i) write(checkpoints, i);
    files::replace(folder.path / "lines", "first\n");
    const std::string second = "second\n";
    files::Appender(folder.path / "lines").write(std::as_bytes(std::span(second)));
    last = resumed(folder.path / "kept");
  }
  CHECK(last == 3);
  CHECK(folder.read("lines") == "first\nsecond\n");
}

}  // namespace
}  // namespace muonlab::test
