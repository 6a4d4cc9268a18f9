#pragma once

#include <string>
#include <string_view>

/// Texts for a terminal, which obeys some of what it is sent, and for the shell in it.
namespace muonlab::app {

/// Writes a line to stderr. One that cannot be written is lost, and the work goes on.
void say(const std::string& line) noexcept;

/// As a shell takes it for one word.
std::string quoted(const std::string& word);

/// Whether `text` is UTF-8 without control characters.
bool is_printable(const std::string& text);

/// For error messages: `text` in quotes, cut when it is long, and harmless to a terminal.
std::string excerpt(std::string_view text);

/// Whether standard output is a terminal that obeys escape sequences: not in an editor's window
/// (TERM=dumb), nor where nobody said which terminal it is.
bool is_screen();

}  // namespace muonlab::app
