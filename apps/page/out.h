#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>

namespace CLI {
class App;
}

/// The folder of --out, into which an app writes its page.
namespace muonlab::app {

/// Adds the option --out DIR. Its value goes to `out`, which otherwise stays as it is.
void add_out(CLI::App& app, std::filesystem::path& out);

/// Throws when the folder has one of `files`: other apps write these, and their page would be lost.
void check_free_of(const std::filesystem::path& out, std::initializer_list<const char*> files);

/// For apps that write nothing but a page, before they compute what it shows: makes the folder, and
/// throws when write_page() could not write there, or the folder has the page of another app. A
/// page of their own stays. Does nothing when `out` is empty.
void check_writable(const std::filesystem::path& out);

/// Writes OUT/report.html, and prints its path. Throws, naming the file, when that fails.
void write_page(const std::filesystem::path& out, const std::string& page);

}  // namespace muonlab::app
