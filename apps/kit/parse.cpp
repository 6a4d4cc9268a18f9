#include "apps/kit/parse.h"

#include <span>
#include <vector>

#include "muonlab/core/error.h"
#include "muonlab/core/files.h"

namespace muonlab::app {
namespace {

constexpr std::size_t max_depth = 8;  // of nested objects and lists
constexpr int max_fields = 1000;      // of one object
constexpr int max_items = 200'000;    // of one list; its destructor allocates 16 bytes for each

/// Throws when `text` exceeds the limits above: on nesting, because functions on JSON recurse; on
/// fields, because the parser looks for each among all before it; and on items, because their
/// destructor allocates memory. Other faults are left to the parser.
void check_structure(const std::string& text, const std::string& name, const std::string& kind) {
  struct Open {
    int fields = 0;
    int commas = 0;
  };
  std::vector<Open> open(1);  // the objects and lists around this place
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter == '"') in_string = !in_string;
    if (in_string) {
      if (letter == '\\') ++i;
    } else if (letter == '{' || letter == '[') {
      open.emplace_back();
      check(open.size() <= max_depth + 1, name, ": not ", kind, ", nested too deep");
    } else if ((letter == '}' || letter == ']') && open.size() > 1) {
      open.pop_back();
    } else if (letter == ':') {
      check(++open.back().fields <= max_fields, name, ": not ", kind, ", an object has more than ",
            max_fields, " fields");
    } else if (letter == ',') {
      check(++open.back().commas < max_items, name, ": not ", kind, ", a list has more than ",
            max_items, " items");
    }
  }
}

}  // namespace

std::string read_text(const std::filesystem::path& path, Index max_bytes, const std::string& kind) {
  files::Reader file(path);
  check(file.remaining() <= max_bytes, file.name(), ": not ", kind, ", got ", file.remaining(),
        " bytes, expected at most ", max_bytes);
  std::string text(static_cast<std::size_t>(file.remaining()), '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  return text;
}

Json parse(const std::string& text, const std::string& name, const std::string& kind) {
  check_structure(text, name, kind);
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  check(json.is_object(), name, ": not ", kind, ", not valid JSON");
  return json;
}

std::string readable(const Json& json, const std::string& indent) {
  const bool is_broken =
      json.is_object() || (json.is_array() && !json.empty() && json.front().is_object());
  if (!is_broken || json.empty()) return json.dump();
  const std::string deeper = indent + "  ";
  std::string text;
  for (const auto& [name, value] : json.items()) {
    text += (text.empty() ? "\n" : ",\n") + deeper;
    if (json.is_object()) text += Json(name).dump() + ": ";
    text += readable(value, deeper);
  }
  return (json.is_object() ? '{' : '[') + text + '\n' + indent + (json.is_object() ? '}' : ']');
}

}  // namespace muonlab::app
