#include "apps/comparison/checkpoints.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/crc32.h"
#include "core/files.h"

namespace muonlab::app {
namespace {

namespace fs = std::filesystem;

constexpr Index max_json = 16'000'000;  // bytes; a thousand runs of a hundred epochs have as many
constexpr int max_depth = 8;            // of objects and lists in one another

fs::path json_path(const fs::path& folder, Index number) {
  return folder / fmt::format("{:06}.json", number);
}

fs::path tensors_path(fs::path json) { return json.replace_extension(".safetensors"); }

/// The number of a file that a Checkpoints wrote, or was writing when it was killed.
std::optional<Index> number_of(fs::path file) {
  if (file.extension() == ".partial") file.replace_extension();
  const std::string stem = file.stem().string();
  Index number = 0;
  const char* end = stem.data() + stem.size();
  const auto [stop, status] = std::from_chars(stem.data(), end, number);
  if (status != std::errc() || stop != end || number < 1) return {};
  const fs::path json = json_path(file.parent_path(), number);
  return file == json || file == tensors_path(json) ? std::optional(number) : std::nullopt;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    files.push_back(entry->path());
  }
  check(!problem, folder.string(), ": cannot be read, ", problem.message());
  return files;
}

/// The numbers of all checkpoints of a folder, growing.
std::vector<Index> numbers_in(const fs::path& folder) {
  std::vector<Index> numbers;
  for (const fs::path& file : files_in(folder)) {
    const std::optional<Index> number = number_of(file);
    if (number && file == json_path(folder, *number)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

/// What the JSON says of the tensors' file.
Json seal_of(const fs::path& path) {
  files::Reader file(path);
  const Index size = file.remaining();
  std::array<std::byte, 65536> piece;
  std::uint32_t sum = 0;
  while (file.remaining() > 0) {
    const auto count = std::min<std::size_t>(piece.size(), file.remaining());
    file.read(std::span(piece).first(count));
    sum = crc32(std::span(piece).first(count), sum);
  }
  return {{"bytes", size}, {"crc32", fmt::format("{:08x}", sum)}};
}

/// The text of a JSON object whose first field is the checksum of what follows that field.
std::string sealed(const std::string& rest) {
  return fmt::format("{{\"crc32\": \"{:08x}\",{}", crc32(std::as_bytes(std::span(rest))), rest);
}

Json read_json(const fs::path& path) {
  files::Reader file(path);
  const std::string& name = file.name();
  check(file.remaining() <= max_json, name, ": not a checkpoint, got ", file.remaining(),
        " bytes, expected at most ", max_json);
  std::string text(static_cast<std::size_t>(file.remaining()), '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  const std::size_t start = std::min(text.size(), sealed("").size());
  check(text == sealed(text.substr(start)), name, ": damaged, its checksum does not match");

  const auto keep = [&name](int depth, Json::parse_event_t, const Json&) {
    check(depth <= max_depth, name, ": not a checkpoint, nested too deep");
    return true;
  };
  Json json = Json::parse(text, keep, /*allow_exceptions=*/false);
  check(json.is_object(), name, ": not a checkpoint, not valid JSON");
  return json;
}

Checkpoint read_whole(const fs::path& path) {
  Checkpoint checkpoint = {.file = path, .json = read_json(path), .tensors = {}};
  const Fields tensors = checkpoint.fields().at("tensors");
  const Index bytes = tensors.at("bytes").whole(0);
  const std::string sum = tensors.at("crc32").text();
  const fs::path file = tensors_path(path);
  const Json seal = seal_of(file);
  check(seal["bytes"] == bytes, file.string(), ": damaged, got ", seal["bytes"],
        " bytes, expected ", bytes);
  check(seal["crc32"] == sum, file.string(), ": damaged, its checksum does not match");
  checkpoint.tensors = nn::read_safetensors(file);
  return checkpoint;
}

void write_pair(const fs::path& path, Json json, const std::vector<nn::NamedTensor>& tensors) {
  nn::write_safetensors(tensors_path(path), tensors);
  json["tensors"] = seal_of(tensors_path(path));
  try {
    files::replace(path, sealed(json.dump(2).substr(1) + '\n'));
  } catch (const Json::type_error&) {
    throw Error("cannot write " + path.string() + ": a name in it is not UTF-8");
  }
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
                              before.string()));
    }
    throw;
  }
}

Checkpoints::Checkpoints(fs::path folder) : folder_(std::move(folder)) {
  std::error_code problem;
  fs::create_directories(folder_, problem);
  check(!problem, "cannot make the folder ", folder_.string(), ": ", problem.message());
  const bool writable = access(folder_.c_str(), W_OK | X_OK) == 0;
  check(writable, "cannot write into ", folder_.string(), ": ",
        std::generic_category().message(errno));
  const std::vector<Index> numbers = numbers_in(folder_);
  check(numbers.empty(), "--checkpoint: ", folder_.string(),
        " holds a comparison's checkpoints; go on with it by --resume ", folder_.string(),
        ", or name another folder");
}

Checkpoints::Checkpoints(const Checkpoint& checkpoint)
    : folder_(checkpoint.file.parent_path()), kept_{*number_of(checkpoint.file)} {}

void Checkpoints::write(Json json, const std::vector<nn::NamedTensor>& tensors) {
  Index number = 1;
  for (const fs::path& file : files_in(folder_)) {
    number = std::max(number, number_of(file).value_or(0) + 1);
  }
  const fs::path path = json_path(folder_, number);
  try {
    write_pair(path, std::move(json), tensors);
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(tensors_path(path), ignored);  // half a pair would only take up a disk that is full
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
  for (const fs::path& file : files_in(folder_)) {
    const std::optional<Index> number = number_of(file);
    if (!number || std::ranges::find(kept_, *number) != kept_.end()) continue;
    std::error_code ignored;  // the next one tries again
    fs::remove(file, ignored);
  }
}

}  // namespace muonlab::app
