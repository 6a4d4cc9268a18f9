#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>

namespace CLI {
class App;
}

/// The folder for the page of an app.
namespace muonlab::app {

/// Adds --out DIR, whose value goes to `out`; it stays empty unless told.
void add_out(CLI::App& app, std::filesystem::path& out);

/// Throws when the folder has one of these files, which other apps write: their page would be lost.
void check_free_of(const std::filesystem::path& out, std::initializer_list<const char*> files);

/// For apps that leave nothing but a page: makes the folder, unless `out` is empty. Throws when
/// write_page() could not write there, which is better known before what the page shows is
/// computed; a page that is there stays.
void check_writable(const std::filesystem::path& out);

/// Makes OUT/report.html, and prints its name. Throws, naming the file, when that fails.
void write_page(const std::filesystem::path& out, const std::string& page);

}  // namespace muonlab::app
