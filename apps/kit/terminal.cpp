#include "apps/kit/terminal.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace muonlab::app {
namespace {

bool is_utf8(const std::string& text) {
  try {
    nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

/// Whether UTF-8 text has one of U+0000 to U+001F and U+007F to U+009F.
bool has_control(const std::string& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text.c_str()[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x20 || byte(i) == 0x7F || (byte(i) == 0xC2 && byte(i + 1) < 0xA0)) return true;
  }
  return false;
}

}  // namespace

void say(const std::string& line) noexcept { std::fprintf(stderr, "%s\n", line.c_str()); }

std::string quoted(const std::string& word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

bool is_printable(const std::string& text) { return is_utf8(text) && !has_control(text); }

std::string excerpt(std::string_view text) {
  constexpr std::size_t limit = 20;
  if (!is_printable(std::string(text))) return "bytes that are no text";
  if (text.size() <= limit) return fmt::format("'{}'", text);
  std::size_t size = limit;
  while ((static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;  // whole characters
  return fmt::format("'{}...'", text.substr(0, size));
}

bool is_screen() {
  const char* name = std::getenv("TERM");
  const std::string_view terminal = name == nullptr ? "" : name;
  return isatty(STDOUT_FILENO) == 1 && !terminal.empty() && terminal != "dumb";
}

}  // namespace muonlab::app
