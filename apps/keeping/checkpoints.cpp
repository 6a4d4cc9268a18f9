#include "apps/keeping/checkpoints.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "apps/kit/sealed_json.h"
#include "apps/kit/terminal.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

namespace fs = std::filesystem;

constexpr Index max_number = 999'999'999;  // far from overflow

fs::path json_path(const fs::path& folder, Index number) {
  return folder / fmt::format("{:06}.json", number);
}

fs::path tensors_path(fs::path json) { return json.replace_extension(".safetensors"); }

/// The number of a checkpoint's file, also of one that was half written; none for other files.
std::optional<Index> number_of(fs::path file) {
  if (file.extension() == ".partial") file.replace_extension();
  const std::string stem = file.stem().string();
  Index number = 0;
  const char* end = stem.data() + stem.size();
  const auto [stop, status] = std::from_chars(stem.data(), end, number);
  if (status != std::errc() || stop != end || number < 1 || number > max_number) {
    return {};
  }
  const fs::path json = json_path(file.parent_path(), number);
  return file == json || file == tensors_path(json) ? std::optional(number) : std::nullopt;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  while (problem == std::errc::interrupted) entry = fs::directory_iterator(folder, problem);
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    files.push_back(entry->path());
  }
  check(!problem, folder.string(), ": cannot be read, ", problem.message());
  return files;
}

/// Removes the files of checkpoints for which `condition` holds. A file that cannot be removed is
/// tried again at the next write.
template <class Condition>
void remove_files(const fs::path& folder, const Condition& condition) {
  for (const fs::path& file : files_in(folder)) {
    std::error_code ignored;
    if (number_of(file) && condition(file)) fs::remove(file, ignored);
  }
}

/// Whether a killed program left this file: half written, or tensors without their JSON.
bool is_leftover(const fs::path& file) {
  const fs::path json = json_path(file.parent_path(), *number_of(file));
  std::error_code ignored;
  return file.extension() == ".partial" ||
         fs::status(json, ignored).type() == fs::file_type::not_found;
}

/// The numbers of all checkpoints of a folder, in increasing order.
std::vector<Index> numbers_in(const fs::path& folder) {
  std::vector<Index> numbers;
  for (const fs::path& file : files_in(folder)) {
    const std::optional<Index> number = number_of(file);
    if (number && file == json_path(folder, *number)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

files::Seal seal_of(const fs::path& path) {
  files::Reader file(path);
  files::Seal seal;
  std::array<std::byte, 65536> piece;
  while (file.remaining() > 0) {
    const auto count = std::min<std::size_t>(piece.size(), file.remaining());
    file.read(std::span(piece).first(count));
    seal.add(std::span(piece).first(count));
  }
  return seal;
}

/// A checksum as the JSON spells it.
std::string text_of(std::uint32_t checksum) { return fmt::format("{:08x}", checksum); }

Checkpoint read_whole(const fs::path& path) {
  Checkpoint checkpoint = {.file = path, .json = read_sealed(path), .tensors = {}};
  const Fields tensors = checkpoint.fields().at("tensors");
  const Index bytes = tensors.at("bytes").whole(0);
  const std::string checksum = tensors.at("crc32").text();
  const fs::path file = tensors_path(path);
  const files::Seal seal = seal_of(file);
  check(seal.bytes == bytes, file.string(), ": damaged, got ", seal.bytes, " bytes, expected ",
        bytes);
  check(text_of(seal.checksum) == checksum, file.string(),
        ": damaged, its checksum does not match");
  checkpoint.tensors = nn::read_safetensors(file);
  return checkpoint;
}

void write_pair(const fs::path& path, Json json, const std::vector<nn::NamedTensor>& tensors) {
  const files::Seal seal = nn::write_safetensors(tensors_path(path), tensors);
  json["tensors"] = {{"bytes", seal.bytes}, {"crc32", text_of(seal.checksum)}};
  write_sealed(path, json);
}

bool is_whole(const fs::path& path) {
  try {
    read_whole(path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

fs::path find(const fs::path& named) {
  std::error_code ignored;
  if (fs::is_directory(named, ignored)) {
    const std::vector<Index> numbers = numbers_in(named);
    check(!numbers.empty(), named.string(),
          ": no checkpoint is in it, expected a file such as 000001.json");
    return json_path(named, numbers.back());
  }
  files::check_regular(named);
  fs::path path = named.has_parent_path() ? named : "." / named;
  const std::optional<Index> number = number_of(path);
  check(number && path == json_path(path.parent_path(), *number), named.string(),
        ": not a checkpoint, expected a folder of them, or a file such as 000001.json");
  return path;
}

}  // namespace

Checkpoint read_checkpoint(const fs::path& named) {
  const fs::path path = find(named);
  try {
    return read_whole(path);
  } catch (const Error& error) {
    const fs::path folder = path.parent_path();
    std::vector<Index> numbers = numbers_in(folder);
    for (; !numbers.empty(); numbers.pop_back()) {
      const fs::path before = json_path(folder, numbers.back());
      if (numbers.back() >= *number_of(path) || !is_whole(before)) continue;
      throw Error(fmt::format("{}; the checkpoint before it is whole: --resume {}", error.what(),
                              quoted(before.string())));
    }
    throw;
  }
}

Checkpoints::Checkpoints(fs::path folder) : folder_(std::move(folder)) {
  files::make_folders(folder_);
  const bool writable = access(folder_.c_str(), W_OK | X_OK) == 0;
  check(writable, "cannot write into ", folder_.string(), ": ",
        std::generic_category().message(errno));
  const std::vector<Index> numbers = numbers_in(folder_);
  check(numbers.empty(), "--checkpoint: ", folder_.string(),
        " holds a comparison's checkpoints; go on with it by --resume ", quoted(folder_.string()),
        ", or name another folder");
}

Checkpoints::Checkpoints(const Checkpoint& checkpoint)
    : folder_(checkpoint.file.parent_path()), kept_{*number_of(checkpoint.file)} {}

void Checkpoints::write(Json json, const std::vector<nn::NamedTensor>& tensors) {
  remove_files(folder_, is_leftover);  // leftovers may be what fills the disk
  Index number = 1;
  for (const fs::path& file : files_in(folder_)) {
    number = std::max(number, number_of(file).value_or(0) + 1);
  }
  check(number <= max_number, "cannot write into ", folder_.string(), ": no number is left after ",
        max_number);
  const fs::path path = json_path(folder_, number);
  try {
    write_pair(path, std::move(json), tensors);
  } catch (...) {
    // Half a pair only takes room on a disk that may be full. The JSON is removed first, because a
    // JSON without its tensors would count as a checkpoint.
    std::error_code ignored;
    fs::remove(path, ignored);
    fs::remove(tensors_path(path), ignored);
    throw;
  }
  if (kept_.size() == 2) kept_.erase(kept_.begin());
  kept_.push_back(number);
  prune();
}

fs::path Checkpoints::last() const {
  return kept_.empty() ? fs::path() : json_path(folder_, kept_.back());
}

void Checkpoints::prune() const {
  remove_files(folder_, [this](const fs::path& file) {
    return std::ranges::find(kept_, *number_of(file)) == kept_.end();
  });
}

}  // namespace muonlab::app
