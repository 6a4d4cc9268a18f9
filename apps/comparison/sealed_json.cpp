#include "apps/comparison/sealed_json.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <vector>

#include "core/crc32.h"
#include "core/error.h"
#include "core/files.h"

namespace muonlab::app {
namespace {

constexpr Index max_bytes = 16'000'000;  // those of a thousand runs of a hundred epochs, twice
constexpr std::size_t max_depth = 8;     // of objects and lists in one another
constexpr int max_fields = 1000;         // of one object

/// Throws for what would take the parser, or the stack, too much: it looks for every field among
/// those before it. Other faults are left to it.
void check_structure(const std::string& text, const std::string& name) {
  std::vector<int> fields = {0};  // of each object that is open; lists have none
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter == '"') in_string = !in_string;
    if (in_string) {
      if (letter == '\\') ++i;
    } else if (letter == '{' || letter == '[') {
      fields.push_back(0);
      check(fields.size() <= max_depth + 1, name, ": not a checkpoint, nested too deep");
    } else if ((letter == '}' || letter == ']') && fields.size() > 1) {
      fields.pop_back();
    } else if (letter == ':') {
      check(++fields.back() <= max_fields, name, ": not a checkpoint, an object has more than ",
            max_fields, " fields");
    }
  }
}

}  // namespace

std::string sealed(const std::string& rest) {
  return fmt::format("{{\"crc32\": \"{:08x}\",{}", crc32(std::as_bytes(std::span(rest))), rest);
}

void write_sealed(const std::filesystem::path& path, const Json& json) {
  std::string text;
  try {
    text = sealed(json.dump().substr(1) + '\n');
  } catch (const Json::type_error&) {
    throw Error("cannot write " + path.string() + ": a name in it is not UTF-8");
  }
  check(std::ssize(text) <= max_bytes, "cannot write ", path.string(), ": got ", text.size(),
        " bytes, expected at most ", max_bytes);
  files::replace(path, text);
}

Json read_sealed(const std::filesystem::path& path) {
  files::Reader file(path);
  const std::string& name = file.name();
  check(file.remaining() <= max_bytes, name, ": not a checkpoint, got ", file.remaining(),
        " bytes, expected at most ", max_bytes);
  std::string text(static_cast<std::size_t>(file.remaining()), '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  const std::size_t start = std::min(text.size(), sealed("").size());
  check(text == sealed(text.substr(start)), name, ": damaged, its checksum does not match");
  check_structure(text, name);
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  check(json.is_object(), name, ": not a checkpoint, not valid JSON");
  return json;
}

}  // namespace muonlab::app
