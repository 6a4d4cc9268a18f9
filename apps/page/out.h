#pragma once

#include <filesystem>
#include <string>

namespace CLI {
class App;
}

/// The folder for the page of an app, which leaves nothing else there.
namespace muonlab::app {

/// Adds --out DIR, whose value goes to `out`; it stays empty unless told.
void add_out(CLI::App& app, std::filesystem::path& out);

/// Makes the folder, unless `out` is empty. Throws when write_page() could not write there, which
/// is better known before what the page shows is computed; a page that is there stays.
void check_writable(const std::filesystem::path& out);

/// Makes OUT/report.html, and prints its name. Throws, naming the file, when that fails.
void write_page(const std::filesystem::path& out, const std::string& page);

}  // namespace muonlab::app
