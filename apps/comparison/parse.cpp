#include "apps/comparison/parse.h"

#include <span>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace muonlab::app {
namespace {

constexpr std::size_t max_depth = 8;     // of objects and lists in one another
constexpr int max_fields = 1000;         // of one object
constexpr Index max_values = 1'000'000;  // of all; the destructor takes 16 bytes for each in a list

/// Throws for what would take the parser, or the stack, too much: it looks for every field among
/// those before it. Other faults are left to it.
void check_structure(const std::string& text, const std::string& name, const std::string& kind) {
  std::vector<int> fields = {0};  // of each object that is open; lists have none
  Index values = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter == '"') in_string = !in_string;
    if (in_string) {
      if (letter == '\\') ++i;
    } else if (letter == '{' || letter == '[') {
      fields.push_back(0);
      check(fields.size() <= max_depth + 1, name, ": not ", kind, ", nested too deep");
    } else if ((letter == '}' || letter == ']') && fields.size() > 1) {
      fields.pop_back();
    } else if (letter == ',') {
      check(++values < max_values, name, ": not ", kind, ", has more than ", max_values, " values");
    } else if (letter == ':') {
      check(++fields.back() <= max_fields, name, ": not ", kind, ", an object has more than ",
            max_fields, " fields");
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
