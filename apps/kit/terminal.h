#pragma once

#include <string>
#include <string_view>

/// Text for a terminal, which obeys control characters, and for the shell in it.
namespace muonlab::app {

/// Writes a line to stderr, and ignores a failure.
void say(const std::string& line) noexcept;

/// `word` in the quotes, if any, with which a shell takes it for one word.
std::string quoted(const std::string& word);

/// Whether `text` is UTF-8 without control characters.
bool is_printable(const std::string& text);

/// `text` for an error message: in quotes, cut when it is long. Text that is not printable is
/// replaced by words that say so.
std::string excerpt(std::string_view text);

/// Whether standard output is a terminal that obeys escape sequences. An editor's window
/// (TERM=dumb) and a terminal without a name in TERM count as ones that do not.
bool is_screen();

}  // namespace muonlab::app
