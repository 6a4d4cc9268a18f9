#pragma once

#include <string>

/// Texts for a terminal, which obeys some of what it is sent, and for the shell in it.
namespace muonlab::app {

/// Writes a line to stderr. One that cannot be written is lost, and the work goes on.
void say(const std::string& line) noexcept;

/// As a shell takes it for one word.
std::string quoted(const std::string& word);

/// Whether `text` is UTF-8 without control characters.
bool is_printable(const std::string& text);

}  // namespace muonlab::app
